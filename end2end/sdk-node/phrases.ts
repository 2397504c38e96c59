/** What the tests say, in either dialect. */

const question = (content: string) => [{ role: "user" as const, content }];

export const hello = question("hello from the SDK");
export const slowly = question("slowly");
export const twoCities = question("What is the weather in two cities?");

const schema = {
  type: "object" as const,
  properties: { city: { type: "string" }, unit: { enum: ["celsius", "fahrenheit"] } },
  required: ["city"],
};
const description = "The weather now.";

export const openaiTool = {
  type: "function" as const,
  function: { name: "get_weather", description, parameters: schema },
};
export const anthropicTool = { name: "get_weather", description, input_schema: schema };

/** The arguments of the calls that the provider makes when it is asked for two cities. */
export const called = [
  { id: "call_paris", input: { city: "Paris", unit: "celsius" } },
  { id: "call_lima", input: { city: "Lima", unit: "celsius" } },
];

/** One red pixel. */
export const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
