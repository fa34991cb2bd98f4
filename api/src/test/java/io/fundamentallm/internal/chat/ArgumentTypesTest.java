package io.fundamentallm.internal.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.internal.chat.ArgumentTypes.Kind;
import io.fundamentallm.internal.json.Json;
import java.util.AbstractList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentTypesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "{\"type\": \"string\"}                                         | TEXT",
        "{\"enum\": [\"a\", \"b\"]}                                     | TEXT",
        "{\"const\": \"a\", \"type\": [\"string\", \"integer\"]}        | TEXT",
        "{\"$ref\": \"#/$defs/a~1b\"}                                  | TEXT",
        "{\"allOf\": [{\"$ref\": \"#/$defs/a~1b\"}], \"default\": \"x\"} | TEXT",
        "{\"anyOf\": [{\"type\": \"string\"}, {\"enum\": [\"a\"]}]}      | TEXT",
        "{\"type\": [\"string\", \"null\"]}                             | TEXT_OR_NULL",
        "{\"oneOf\": [{\"type\": \"string\"}, {\"type\": \"null\"}]}     | TEXT_OR_NULL",
        "{\"enum\": [\"a\", null]}                                    | TEXT_OR_NULL",
        "{\"type\": \"null\"}                                           | JSON",
        "{\"type\": \"integer\"}                                        | JSON",
        "{\"type\": [\"string\", \"integer\"]}                          | JSON",
        "{\"enum\": [\"a\", 1]}                                       | JSON",
        "{\"$ref\": \"#/$defs/none\"}                                  | JSON",
        "{\"$ref\": \"#/$defs/again\"}                                 | JSON",
        "{\"$ref\": \"#/$defs/100%\"}                                  | JSON",
        "{\"$ref\": \"#/$defs/a%2\"}                                   | JSON",
        "{\"$ref\": \"#/%24defs/a~1b\"}                                | TEXT",
        "{\"$ref\": \"#anchor\"}                                       | JSON",
        "{\"format\": \"date\"}                                         | JSON",
        "{}                                                         | JSON",
      })
  void an_argument_is_what_its_schema_says(String schema, Kind kind) {
    String tool =
        "{\"$defs\": {\"a/b\": {\"type\": \"string\"}, \"again\": {\"$ref\": \"#/$defs/again\"}},"
            + " \"properties\": {\"x\": %s}}";
    assertThat(ArgumentTypes.of(Json.object(tool.formatted(schema))).kind("x")).isEqualTo(kind);
  }

  @Test
  void alternatives_of_the_whole_are_taken_together() {
    ArgumentTypes types =
        ArgumentTypes.of(
            Json.object(
                """
                {"oneOf": [{"properties": {"a": {"const": "x"}, "b": {"type": "string"}}},
                 {"properties": {"a": {"const": "y"}, "b": {"type": "integer"}}}],
                 "properties": {"c": {"type": "string"}}, "additionalProperties": {"enum": ["z"]}}
                """));
    assertThat(types.kind("a")).isEqualTo(Kind.TEXT);
    assertThat(types.kind("b")).isEqualTo(Kind.TEXT);
    assertThat(types.kind("c")).isEqualTo(Kind.TEXT);
    assertThat(types.kind("")).isEqualTo(Kind.TEXT);
    assertThat(ArgumentTypes.of(null).kind("a")).isEqualTo(Kind.JSON);
  }

  /** Each of 40 definitions names the next one twice. */
  @Test
  void a_schema_that_unfolds_without_end_costs_no_more_than_others() {
    String definitions =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    "\"d%d\": {\"anyOf\": [{\"$ref\": \"#/$defs/d%d\"}, {\"$ref\": \"#/$defs/d%d\"}]}"
                        .formatted(i, i + 1, i + 1))
            .collect(Collectors.joining(", "));
    String tool =
        "{\"$defs\": {%s, \"d40\": {\"type\": \"string\"}}, \"properties\": {\"x\": {\"$ref\":"
            + " \"#/$defs/d0\"}}}";
    assertThat(ArgumentTypes.of(Json.object(tool.formatted(definitions))).kind("x"))
        .isEqualTo(Kind.TEXT);
  }

  @Test
  void a_chain_of_references_that_is_too_long_says_nothing() {
    String definitions =
        IntStream.range(0, 100_000)
            .mapToObj(i -> "\"d%d\": {\"$ref\": \"#/$defs/d%d\"}".formatted(i, i + 1))
            .collect(Collectors.joining(", "));
    String tool = "{\"$defs\": {%s}, \"properties\": {\"x\": {\"$ref\": \"#/$defs/d0\"}}}";
    assertThat(ArgumentTypes.of(Json.object(tool.formatted(definitions))).kind("x"))
        .isEqualTo(Kind.JSON);
  }

  /** Each of 10,000 alternatives has all of them as its own. */
  @Test
  void of_too_many_schemas_no_more_is_looked_at_than_the_bound() {
    AtomicInteger looks = new AtomicInteger();
    Map<String, Object> alternative = new HashMap<>();
    List<Object> alternatives =
        new AbstractList<>() {
          @Override
          public Object get(int index) {
            looks.incrementAndGet();
            return new HashMap<>(alternative);
          }

          @Override
          public int size() {
            return 10_000;
          }
        };
    alternative.put("anyOf", alternatives);
    ArgumentTypes types =
        ArgumentTypes.of(Map.of("properties", Map.of("x", Map.of("anyOf", alternatives))));
    assertThat(types.kind("x")).isEqualTo(Kind.JSON);
    int once = looks.get();
    assertThat(once).isLessThan(2_000);
    assertThat(types.kind("x")).isEqualTo(Kind.JSON);
    assertThat(looks).hasValue(once);
  }
}
