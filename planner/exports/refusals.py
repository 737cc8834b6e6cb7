"""What stopped the work, as the sentence that its person reads: what happened, why, what to do."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, cast

from planner.core.calendar import Because
from planner.core.overruling import overrulable
from planner.exports.months import closed_words
from planner.exports.sentences import deviation, explanation
from planner.exports.words import staff_day

if TYPE_CHECKING:
    from planner.core.calendar import Calendar, Closure
    from planner.core.deviations import Deviation
    from planner.core.errors import PlannerError
    from planner.core.schedule import Explanation, Schedule

AWAY, SHUT = "settle the absence with the patient", "ask the administrator to open it"
OVERRULE = (
    "Only rules that protect the patient or the trial stand against it: an investigator may overrule them in writing."
)
SENTENCES = {
    "no_such_visit": "This plan has no days for a visit {code}: it is not in the protocol, does not take place, or "
    "still waits for a date to count from. Choose one of the visits that the schedule lists.",
    "no_such_language": "There are no words in the language {language}. Choose one of: {known}.",
    "no_such_zone": "There is no time zone {zone}. Give an IANA name, such as Europe/Brussels.",
    "zones_of_the_machine": "Time zones would be read from files of this machine ({paths}), which may differ from the "
    "pinned tzdata package. Start it as ./run does, with PYTHONTZPATH empty.",
    "no_such_holidays": "No public holidays are known for {place}. Give the code of a country, such as BE, or of one "
    "of its regions.",
    "time_does_not_exist": "{at} on {day} does not exist in {zone}: the clocks skip that hour. Book an hour earlier or "
    "later.",
    "time_happens_twice": "The clocks show {at} twice on {day}. Write {at}/1 for the first, {at}/2 for the second.",
    "pdf_libraries_missing": "Printed schedules need libraries that this machine lacks. Ask its administrator to "
    "install: {packages}. Everything but PDF works without them.",
    "enrolment_full": "The study has its {most} patients, screening failures not counted, so nobody more can be "
    "enrolled. Record any screening failure that is still open, or ask the sponsor for an amendment.",
    "no_such_dose_level": "The protocol has no dose level {dose_level}. Choose one of: {known}.",
    "no_such_phase": "The protocol has no phase {phase}. Choose one of: {known}.",
    "nobody_chosen": "Nobody is chosen, so there is nothing to bind. Go back and tick the patients whose booklets you "
    "want.",
    "no_such_folder": "There is no folder {folder}. Make it, or name another one.",
    "no_such_account": "There is no such account. Choose one of the list of staff.",
    "no_such_date": "The protocol has no date {code}. Choose one of the page.",
    "no_such_decision": "The protocol has no decision {code}. Choose one of the page.",
    "no_such_patient": "There is no such patient at your sites. Choose one of the list.",
    "no_such_site": "There is no such site among yours. Choose one of the list.",
    "no_such_protocol": "There is no such protocol. Choose one of the list.",
    "protocol_known": "The protocol {protocol} comes with the planner, and patients are bound to it. Give your file "
    "another id or version.",
    "protocol_twice": "Two files in {folder} have the same id and version. Give each its own.",
    "no_such_month": "{month} is no month near this patient's visits. Write it as 2025-04.",
    "no_such_week": "{day} is no day near today. Write it as 2025-04-14.",
    "no_such_value": "{decision} cannot be that. Choose one of: {known}.",
    "postgresql_driver_missing": "PostgreSQL needs a driver that is not installed. Install the extra: postgres.",
    "queue_driver_missing": "The queue {kind}:// needs a driver that is not installed. Install redis or psycopg, or "
    "leave PLANNER_QUEUE_URL out.",
    "served_already": "The database {file} is served by another process already, and SQLite takes one only. Stop that "
    "one, serve with a single worker, or move to PostgreSQL.",
    "database_of_another_version": "The database is of version {found}, this program needs {wanted}. Run: "
    "./run migrate",
    "settings_unsafe": "The planner is not started, its settings are not safe:\n{faults}",
    "port_taken": "Port {port} is taken by another program. Choose another one with --port.",
    "slot_taken": "This time is taken, there or by this patient. What you typed is still here: choose one of the times "
    "and places that are free now.",
    "time_not_offered": "{at} on {day} is not offered: the place is closed then, the visit would not end in time, or "
    "the time is past. Choose one of the times shown.",
    "day_open_already": "{day} is open already. Change the hours of a place instead, or close the day first.",
    "hours_off_quarter": "Hours begin and end on a quarter of an hour. Correct {at}.",
    "visits_are_cut": "Booked visits are hit by this: {number}. They keep their day until a nurse moves them. Nothing "
    "is saved yet: look at the list, then press the button once more to save all the same.",
    "names_illness": "{what} stands in mails, calendars and papers that other people can read, and it names an "
    "illness, its treatment or a study. Write it without, such as the name of the hospital alone.",
    "absence_is_long": "The patient would be away for {days} days. Nothing is saved yet: look whether both days and "
    "their years are right, then press the button once more to save all the same.",
    "patients_needed": "Choose the patients whose new days you accept.",
    "one_of_many_changed": "{who} saved something about patient {patient} after your page was made. Nothing is saved, "
    "and what you typed is still here: look at what is proposed now, then accept it.",
    "new_days_changed": "Another day or place is proposed for patient {patient} now than your page showed. Nothing is "
    "saved, and what you typed is still here: look at what is proposed now, then accept it.",
    "new_days_given": "Every booking of patient {patient} stands again: somebody gave them new days already, or the "
    "days are open again. Nothing is saved: leave this patient out, then accept the others.",
    "no_new_days": "There is no legal day for a visit of patient {patient}. Leave this patient out, and look at what "
    "could give way.",
    "reason_for_many_needed": "New days outside the window, or against a rule, are to be declared for {patients}: give "
    "the reason, or leave these patients out.",
    "second_person_for_many_needed": "An infusion of {patients} leaves its window, which takes a second person: a "
    "colleague who agrees enters their own user name and password below, or leave these patients out.",
    "time_needed": "{visit} takes a place on the ward: choose one of the free times of the day.",
    "reason_to_overrule_needed": "This day breaks a rule that protects the patient or the trial ({rules}). As "
    "investigator you can overrule it in writing: give the reason, or choose another day.",
    "second_person_needed": "{visit} outside its window takes a second person: a colleague who agrees enters their own "
    "user name and password below, or choose another day.",
    "second_person_unknown": "The second person's user name and password do not belong together, or they are not "
    "allowed to agree. Ask a nurse or an investigator of the site.",
    "second_person_is_you": "The second person must be somebody else than you.",
    "feed_not_agreed_to": "The patient did not agree to a calendar feed. Ask them, and write it down above first.",
    "no_such_feed": "There is no such calendar feed. Choose one of the page.",
    "not_the_address_of_feed": "This is not the address of the patient's calendar feed, or not any more: it was "
    "renewed or revoked. Give the feed a new address, and print the sheet from the page that shows it.",
    "no_such_call": "Nobody waits for a call about this visit any more. Look at Today.",
    "no_such_page": "This page is open no more. Ask for a new link.",
    "no_such_visit_of_page": "This visit does not stand on the page any more. Look at the page anew.",
    "no_such_kind": "No visit of a protocol takes such a place. Choose one of: {known}.",
    "unit_known": "There is a {name} already. Give this one another name.",
    "unit_in_use": "Visits still to come are booked in {name}. Move them first, or close it for the days that it is "
    "out of use.",
    "hours_backwards": "Hours from {opens} to {closes} end before they begin. Correct one of the two.",
    "no_such_unit": "There is no such unit. Choose one of the list.",
    "no_such_closure": "There is no such closure. Reload the page and choose one of the list.",
    "no_such_opened_day": "There is no such opened day. Reload the page and choose one of the list.",
    "taken_back_before": "This was taken back before. Nothing was done twice.",
    "told_before": "This was noted before, or the message arrived after all. Nothing was done twice.",
    "sent_before": "This was saved before. Nothing was done twice.",
    "form_sent_twice": "This form was sent before with other words, and saved. Open the page anew before you change "
    "anything.",
    "patient_changed": "{who} saved something about this patient after your page was made. What you typed is still "
    "here: look at what changed, then send it again.",
    "shown_otherwise": "Something changed since this was shown: read it again, then save.",
    "not_shown_yet": "Nothing is saved before it was shown: read what it does, then save.",
    "nothing_changed": "Nothing differs from what is saved already, so nothing was saved.",
    "address_unreadable": "This is no e-mail address: mails would be lost or reach a stranger. Write one address, such "
    "as name@example.org.",
    "subject_number_unreadable": "A subject number has letters, figures and hyphens, one figure at least and 20 "
    "characters at most, such as 01-031. Never use a name.",
    "subject_number_taken": "Subject number {subject_id} belongs to another patient already. Check the screening log.",
    "character_not_allowed": "The character {character} cannot be kept: it is invisible or turns the text around it. "
    "Delete it and type the words again.",
    "visit_not_to_come": "{visit} is {state} already. Correct its record first.",
    "day_is_past": "{day} is past and can no longer be booked. If the visit took place, record it.",
    "day_needed": "Enter the day on which it took place.",
    "day_lies_ahead": "{day} lies ahead, so nothing can have happened on it yet. Book it, and record it afterwards.",
    "stay_ends_before_it_starts": "A stay that begins on {day} cannot end on {end}. Correct one of the two.",
    "not_missed_yet": "The visit is planned for {day}, which lies ahead: it cannot be missed yet. Omit it, or give the "
    "day back.",
    "combined_with": "{visit} is combined with {host} in one attendance. Book and record it there, or separate the two "
    "first.",
    "not_to_be_combined": "{visit} cannot be combined with that visit: the protocol does not allow it, or one of the "
    "two is over. Choose one of the list.",
    "combined_clashes": "{visit} cannot be combined like this: a rule or a closed day speaks against the day that is "
    "booked. Book another day first, or leave the two apart.",
    "not_combined": "{visit} is not combined with another visit, or took place already. There is nothing to separate.",
    "no_day_for_both": "No day suits the windows of both {visit} and {host}, so one attendance cannot fulfil the two. "
    "Book each for itself.",
    "no_room_for_both": "Both visits take {minutes} minutes together, and there is not so much room from {at} on {day} "
    "in the place that is booked. Book another time or place first, then combine them.",
    "nothing_to_confirm": "{visit} is not booked, so there is nothing to confirm. Book it first.",
    "no_repeat": "The protocol does not repeat {visit} once more. Add an unscheduled visit, or ask the sponsor.",
    "repeat_settled": "{visit} did not take place yet, or its repeat is booked or recorded already. Take that back "
    "first.",
    "reason_for_repeat_needed": "A repeat of {visit} is planned, or no longer is, with a reason: give one.",
    "days_needed": "Say by how many days, or to which day.",
    "days_and_day": "Both a number of days ({days}) and a day ({day}) are given. Leave empty what is not meant.",
    "new_day_needed": "Say to which day it is moved.",
    "no_legal_plan": "There is no legal plan for this: {number} of the visits have no day left. Nothing was saved. "
    "Look at what could give way, or choose another day.",
    "repair_gone": "What could give way has changed since your page was made, or is no longer needed. Nothing was "
    "saved: look at what it does now, and choose again.",
    "not_saved_away": "The patient is recorded as away on a day that this takes. Ask them, and change their days away "
    "first; then save this.",
    "not_saved_closed": "This takes a day that is closed. Ask the administrator of the site to open it first; then "
    "save this.",
    "not_saved_full": "This takes a day on which there is no room. Exchange the time with another patient, or move "
    "that visit first; then save this.",
    "not_saved_investigator": "This breaks a rule that protects the patient or the trial. Ask an investigator to "
    "overrule it in writing: nobody else can save it.",
    "no_time_left": "{visit} would be on {day}, and no time is left there. Choose another day, or let the bookings "
    "move.",
    "visit_stands_on_date": "{visit} stands on a named date of the patient. Change the start instead.",
    "visit_has_no_day": "{visit} has no day yet that could be put off: book it first.",
    "visit_not_booked": "{visit} is not booked, so its time cannot be given to another patient. Book it first.",
    "not_the_same_kind": "{visit} and {other} do not take the same kind of place, so their times cannot be exchanged.",
    "undo_overtaken": "This cannot be taken back any more: somebody changed it since ({codes}). Take that back first.",
    "undo_clashes": "This cannot be taken back: {visit} would clash with what was saved since. Move that first.",
    "undo_day_past": "This cannot be taken back: {visit} would be booked on {day}, which is past. Record it instead.",
    "undo_other_overtaken": "This cannot be taken back: it exchanged times with patient {subject_id}, about whom "
    "something was saved since. Take that back there first; then both go back together.",
    "no_such_exchange": "Choose one of the bookings of the list.",
    "not_at_one_site": "Times are exchanged between two patients of one site. Choose one of the list.",
    "exchange_does_not_fit": "{visit} does not fit into that time: it would meet another visit, or the end of the "
    "hours. Choose another one of the list.",
    "exchange_clashes": "The two cannot be exchanged: {visit} would break a rule or stand on a closed day. Choose "
    "another one of the list.",
    "undo_not_last": "Something else was saved or taken back since. Look at the page again before you take it back.",
    "no_gate": "GO and NO-GO are not decided with {visit}, or it has not taken place. Enter them at the visit that the "
    "protocol names for it.",
    "who_decided_needed": "GO and NO-GO are decided by a named person: enter the name.",
    "nothing_to_take_back": "{visit} is neither booked nor recorded, so there is nothing to take back.",
    "reason_for_lost_visit_needed": "{visit} will not take place as planned: give a reason.",
    "reason_for_correction_needed": "A record is corrected with a reason: give one.",
    "reason_for_change_needed": "{what} was known before: say why it changes.",
    "reason_needed_to_end": "The study ends for a patient with a reason: give one.",
    "date_has_occurred": "{date} cannot be moved: its visit took place on {day}. Correct that record first.",
    "study_has_ended": "The study ended for this patient on {day}: only what took place by then can still be recorded.",
    "end_before_a_visit": "A visit took place on {day}: the study cannot have ended before. Correct the day.",
    "treated_already": "The treatment began on {day}: that is no screening failure. Choose what ended it.",
    "day_far_away": "{day} is more than three years away from today: is the year right? Correct it.",
    "year_mistyped": "{day} is more than {years} years away from today: is the year right? Correct it.",
    "registered_too_late": "{what} cannot come after the first day of treatment, {day}. Correct one of the two.",
    "no_stay": "This visit is no stay: leave its last day empty.",
    "words_needed": "{what} is missing. Enter it.",
    "words_long": "{what} is too long: {most} letters at most.",
    "end_lies_ahead": "{day} lies ahead. Enter the day on which it ended, today at the latest.",
    "site_known": "A site {code} is there already. Choose another code.",
    "login_taken": "{login} belongs to an account already. Choose another user name.",
    "cannot_disable_yourself": "Nobody can disable their own account. Ask another administrator.",
    "code_not_good": "User name and code do not belong together, or the code was used before. Check both, or ask your "
    "administrator for a new one.",
    "code_too_old": "This code is older than {hours} hours. Ask your administrator for a new one.",
    "password_short": "The password is too short: {least} characters at least. Four words are easy to remember.",
    "password_simple": "The password has too few different characters: {least} at least.",
    "password_known": "The password is made of what everybody knows: your name, your user name, this program. Choose "
    "words that have nothing to do with you.",
    "history_not_for_role": "The history is read by nurses, investigators, monitors and administrators only. If "
    "your work needs it, ask your administrator.",
    "review_not_for_role": "Nothing was signed: the history is reviewed by investigators and monitors. Ask one of "
    "them.",
    "nothing_shown_to_review": "Nothing was signed: the form does not say up to where you have read. Open the history "
    "without filters, read its first page, and sign there.",
    "reviewed_before": "You have signed that part already, so nothing was signed anew. Reload the page to see what is "
    "new.",
    "protocol_refused": "{file} cannot be planned by:\n{faults}",
}


def sentence(error: PlannerError) -> str:
    """The error in words; one that has no sentence yet still says its name and its values."""
    if error.message in TOLD:
        return TOLD[error.message](error.values)
    values = {key: _plain(value) for key, value in error.values.items()}
    if error.message in SENTENCES:
        return SENTENCES[error.message].format_map(values)
    told = ", ".join(f"{key} {value}" for key, value in values.items())
    said = error.message.replace("_", " ")
    return f"{said[:1].upper()}{said[1:]}{f': {told}' if told else ''}."


def _impossible(values: dict[str, object]) -> str:
    """Why a day cannot be booked, which days can, and whether somebody may overrule what stands against it."""
    schedule, answer = cast("Schedule", values["schedule"]), cast("Explanation", values["answer"])
    said = explanation(schedule, answer)
    return f"{said} {OVERRULE}" if overrulable(schedule, answer.visit, answer.day) else said


def _closed(values: dict[str, object]) -> str:
    """Which reason closes a day, and who can open it; where the reasons are not known, that it is closed."""
    day, shut = cast("date", values["day"]), cast("tuple[Closure, ...]", values.get("shut", ()))
    words = closed_words(cast("Calendar", values["calendar"]), shut, day) if shut else ""
    away = {closure.because is Because.ABSENCE for closure in shut}
    ways = [AWAY] if True in away else []
    ways += [SHUT] if away != {True} else []
    return f"{staff_day(day)} is closed{f': {words}' if words else ''}. Choose another day, or {' and '.join(ways)}."


def _unreasoned(values: dict[str, object]) -> str:
    """What is outside the protocol and waits for a reason."""
    schedule = cast("Schedule", values["schedule"])
    told = [_named(schedule, broken) for broken in cast("tuple[Deviation, ...]", values["deviations"])]
    return f"This is a deviation from the protocol ({'; '.join(told)}): give its reason, or choose another day."


def _named(schedule: Schedule, broken: Deviation) -> str:
    """The break; of a visit that another attendance fulfils too, with its name."""
    visit = schedule.by_code[broken.visit]
    named = f"{visit.encounter.name.into('en')}: " if visit.host else ""
    return f"{named}{deviation(schedule, broken)}"


TOLD = {
    "day_is_closed": _closed,
    "day_not_possible": _impossible,
    "reason_for_deviation_needed": _unreasoned,
}
"""What is told with the schedule that it is about."""


def _plain(value: object) -> str:
    """A value as people write it: dates in words, several values one after the other."""
    if isinstance(value, date):
        return staff_day(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, tuple | list | frozenset | set):
        lines = [_plain(one) for one in value]
        return ("\n" if any(" " in line for line in lines) else ", ").join(lines)
    return str(value)
