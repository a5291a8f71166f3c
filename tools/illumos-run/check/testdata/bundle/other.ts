import { greet } from "./lib/greet.ts";

enum Colour { Red, Green = 7 }

export const shout = (who: string): string => `${greet(who).toUpperCase()}! ${Colour.Green}`;
