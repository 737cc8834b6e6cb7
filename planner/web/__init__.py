"""The pages: parse, call one service, answer. No rule and no query here."""
