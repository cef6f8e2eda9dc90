// Prints the events of a calendar as ical.js reads them, one JSON array a line.
// node read.mjs PATH-OF-ICAL.JS CALENDAR
import fs from "node:fs";
import { pathToFileURL } from "node:url";

const ICAL = (await import(pathToFileURL(process.argv[2]))).default;
const calendar = new ICAL.Component(ICAL.parse(fs.readFileSync(process.argv[3], "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const when = (t) => (t.isDate ? t.toString() : t.toJSDate().toISOString().replace(".000Z", "Z"));
for (const part of calendar.getAllSubcomponents("vevent")) {
  const e = new ICAL.Event(part);
  console.log(JSON.stringify([e.uid, when(e.startDate), when(e.endDate), e.summary, e.location ?? "", part.getFirstPropertyValue("status")]));
}
