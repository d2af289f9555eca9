import { expect, it } from "vitest";
import { routeOf } from "./route";

it.each([
  ["/", "", { page: "form" }],
  ["", "", { page: "form" }],
  ["/status/TF-20261122-AB12", "#tok", { page: "status", reference: "TF-20261122-AB12", token: "tok" }],
  ["/status/TF-20261122-AB12/", "#a%2Bb", { page: "status", reference: "TF-20261122-AB12", token: "a+b" }],
  ["/status/TF-20261122-AB12", "", { page: "status", reference: "TF-20261122-AB12", token: "" }],
  ["/status/%E0%A4%A", "#x", { page: "status", reference: "%E0%A4%A", token: "x" }],
  ["/status", "", { page: "not_found" }],
  ["/status/a/b", "", { page: "not_found" }],
  ["/admin", "", { page: "not_found" }],
])("%s%s", (pathname, hash, route) => {
  expect(routeOf(pathname, hash)).toEqual(route);
});
