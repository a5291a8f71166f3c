interface Named { name: string }

class Greeter implements Named {
  #count = 0;
  constructor(public readonly name: string) {}
  greet() { return `hello, ${this.name} (${++this.#count})`; }
}

export function greet(name: string): string {
  return new Greeter(name).greet();
}
