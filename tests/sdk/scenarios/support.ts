// What every scenario needs beside its client: who it is, its mail, and one kind of assertion.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

export const base = required("BASE");
export const admin = { email: required("ADMIN_EMAIL"), password: required("ADMIN_PASSWORD") };

/** The token of the nth mail to an address that links to a page. */
export async function mailedToken(address: string, page: string, nth = 1): Promise<string> {
  const mailbox = join(required("MAILBOXES"), address);
  const link = new RegExp(`/${page}#token=([\\w-]{43})`, "g");
  for (let tries = 0; tries < 200; tries += 1) {
    const text = existsSync(mailbox) ? readFileSync(mailbox, "utf8") : "";
    const token = [...text.matchAll(link)][nth - 1]?.[1];
    if (token !== undefined) return token;
    await setTimeout(50);
  }
  throw new Error(`no mail to ${address} with a link to ${page}`);
}

export const unknownId = "00000000-0000-7000-8000-000000000000";

export function missing(what: string): never {
  throw new Error(what);
}

export function present<T>(value: T): NonNullable<T> {
  return value ?? missing("a value is missing");
}

/** Throws unless two values are the same JSON. */
export function equal<T>(found: T, expected: T): void {
  const [seen, wanted] = [JSON.stringify(found), JSON.stringify(expected)];
  if (seen !== wanted) missing(`expected ${wanted}, got ${seen}`);
}
