package io.equator.coordinator.triggers.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.json.JsonValue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Event patterns, by tables: what they let pass, and what is none. */
class EventPatternTest {
  private static boolean matches(String pattern, String event) {
    return EventPattern.parse(pattern)
        .orElseThrow(() -> new AssertionError("not a pattern: " + pattern))
        .matches(JsonValue.parse(event).orElseThrow());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # exact
          {"a":["x"]}                                  | {"a":"x","b":1}                  | true
          {"a":["x"]}                                  | {"a":"y"}                        | false
          {"a":["x"]}                                  | {}                               | false
          {"a":["x"]}                                  | {"a":["y","x"]}                  | true
          {"a":["x"]}                                  | {"a":{"x":1}}                    | false
          {"a":["x","y"]}                              | {"a":"y"}                        | true
          {"a":[300]}                                  | {"a":3.0e2}                      | true
          {"a":[300]}                                  | {"a":"300"}                      | false
          {"a":[null]}                                 | {"a":null}                       | true
          {"a":[null]}                                 | {}                               | false
          {"a":[true]}                                 | {"a":true}                       | true
          {"a":[""]}                                   | {"a":""}                         | true
          # all fields, at every depth
          {"a":["x"],"b":["y"]}                        | {"a":"x","b":"z"}                | false
          {"a":{"b":{"S":["x"]}}}                      | {"a":{"b":{"S":"x"}}}            | true
          {"a":{"b":["x"]}}                            | {"a":[{"b":"z"},{"b":"x"}]}      | true
          {"a":{"b":["x"]}}                            | {"a":"x"}                        | false
          # prefix and suffix
          {"a":[{"prefix":"ab"}]}                      | {"a":"abc"}                      | true
          {"a":[{"prefix":"ab"}]}                      | {"a":"ABC"}                      | false
          {"a":[{"prefix":{"equals-ignore-case":"ab"}}]} | {"a":"ABC"}                    | true
          {"a":[{"suffix":"bc"}]}                      | {"a":"abc"}                      | true
          {"a":[{"suffix":"abcd"}]}                    | {"a":"bcd"}                      | false
          {"a":[{"suffix":{"equals-ignore-case":"BC"}}]} | {"a":"abc"}                    | true
          {"a":[{"equals-ignore-case":"AbC"}]}         | {"a":"aBc"}                      | true
          {"a":[{"equals-ignore-case":"AbC"}]}         | {"a":"aB"}                       | false
          # anything-but
          {"a":[{"anything-but":"x"}]}                 | {"a":"y"}                        | true
          {"a":[{"anything-but":"x"}]}                 | {"a":"x"}                        | false
          {"a":[{"anything-but":"x"}]}                 | {}                               | false
          {"a":[{"anything-but":["x",5]}]}             | {"a":5.0}                        | false
          {"a":[{"anything-but":{"prefix":"x"}}]}      | {"a":"xy"}                       | false
          {"a":[{"anything-but":{"suffix":["x","y"]}}]} | {"a":"ab"}                      | true
          {"a":[{"anything-but":{"equals-ignore-case":"X"}}]} | {"a":"x"}                 | false
          # numeric
          {"a":[{"numeric":["=",5]}]}                  | {"a":5.00}                       | true
          {"a":[{"numeric":[">",0,"<=",5]}]}           | {"a":5}                          | true
          {"a":[{"numeric":[">",0,"<=",5]}]}           | {"a":0}                          | false
          {"a":[{"numeric":["<",-1.5]}]}               | {"a":-2}                         | true
          {"a":[{"numeric":[">",0]}]}                  | {"a":"1"}                        | false
          # exists
          {"a":[{"exists":true}]}                      | {"a":null}                       | true
          {"a":[{"exists":true}]}                      | {"b":1}                          | false
          {"a":[{"exists":false}]}                     | {"b":1}                          | true
          {"a":[{"exists":false}]}                     | {"a":1}                          | false
          {"a":{"b":[{"exists":false}]}}               | {}                               | true
          {"a":[{"exists":false},"x"]}                 | {"a":"x"}                        | true
          # $or
          {"$or":[{"a":["x"]},{"b":["y"]}]}            | {"a":"z","b":"y"}                | true
          {"$or":[{"a":["x"]},{"b":["y"]}]}            | {"a":"z","b":"z"}                | false
          {"c":["c"],"$or":[{"a":["x"]},{"b":["y"]}]}  | {"a":"x","c":"d"}                | false
          {"n":{"$or":[{"a":["x"]},{"b":[{"numeric":["<",1]}]}]}} | {"n":{"b":0}}         | true
          {"$or":["x"]}                                | {"$or":"x"}                      | true
          """)
  void matchesAsLambdaDoes(String pattern, String event, boolean expected) {
    assertThat(matches(pattern, event)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "{}",
        "{\"a\":\"x\"}",
        "{\"a\":[]}",
        "{\"a\":{}}",
        "{\"a\":[[\"x\"]]}",
        "{\"a\":[{}]}",
        "{\"a\":[{\"prefix\":1}]}",
        "{\"a\":[{\"wildcard\":\"x*\"}]}",
        "{\"a\":[{\"prefix\":\"x\",\"suffix\":\"y\"}]}",
        "{\"a\":[{\"exists\":\"true\"}]}",
        "{\"a\":[{\"numeric\":[\"<\"]}]}",
        "{\"a\":[{\"numeric\":[\"<\",\"1\"]}]}",
        "{\"a\":[{\"numeric\":[\"<\",1,\">\",0]}]}",
        "{\"a\":[{\"numeric\":[\"!\",1]}]}",
        "{\"a\":[{\"anything-but\":[]}]}",
        "{\"a\":[{\"anything-but\":true}]}",
        "{\"a\":[{\"anything-but\":{\"numeric\":[\"=\",1]}}]}",
        "{\"a\":[\"x\"]} {}",
        "{\"a\":[\"x\"]"
      })
  void whatIsNoPatternIsRefused(String text) {
    assertThat(EventPattern.parse(text)).isEmpty();
  }
}
