// Reads calendar files with one of two programs, named by the first word: JSON texts in, what was found in them out.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import nodeIcal from "node-ical";

const two = (number) => String(number).padStart(2, "0");

function icalJs(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const instant = (when) => (when.isDate ? when.toString() : new Date(when.toUnixTime() * 1000).toISOString());
  const entries = calendar.getAllSubcomponents("vevent").map((event) => ({
    uid: event.getFirstPropertyValue("uid"),
    sequence: event.getFirstPropertyValue("sequence"),
    status: event.getFirstPropertyValue("status"),
    start: instant(event.getFirstPropertyValue("dtstart")),
    end: instant(event.getFirstPropertyValue("dtend")),
  }));
  return { method: calendar.getFirstPropertyValue("method"), entries };
}

function nodeIcalFound(text) {
  const found = Object.values(nodeIcal.sync.parseICS(text));
  const day = (when) => `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
  const instant = (when) => (when.dateOnly ? day(when) : when.toISOString());
  const entries = found.filter((one) => one.type === "VEVENT").map((event) => ({
    uid: event.uid,
    sequence: Number(event.sequence),
    status: event.status,
    start: instant(event.start),
    end: instant(event.end),
  }));
  return { method: found.map((one) => one.method).find(Boolean) ?? null, entries };
}

const read = { "ical.js": icalJs, "node-ical": nodeIcalFound }[process.argv[2]];
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(read)));
