package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.samplers.constraint.schema.JsonCharacters;
import io.fundamentallm.samplers.constraint.schema.JsonValues;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The schemas of llama.cpp's tests: what it accepts is accepted, what it rejects is rejected. */
class GoldenSchemasTest {
  /** Texts that llama.cpp rejects and that are valid by JSON Schema, where the case says so. */
  private static final Map<String, Set<String>> VALID_BY_JSON_SCHEMA =
      Map.of(
          // {} allows any value; llama.cpp reads it as an object
          "llama.cpp-json_schema-012", Set.of("[]", "null", "\"\"", "true"));

  @Test
  void all_cases_hold() throws IOException {
    int ran = 0;
    List<String> leftOut = new ArrayList<>();
    for (Map<?, ?> test : cases("json_schema")) {
      String id = (String) test.get("id");
      String schema = written(((Map<?, ?>) test.get("params")).get("schema"));
      TokenConstraint constraint = Bound.bytes("json-schema", schema);
      Map<?, ?> input = (Map<?, ?>) test.get("input");
      for (Object text : list(input.get("accept"))) {
        assertThat(Bound.accepts(constraint, (String) text)).as("%s accepts %s", id, text).isTrue();
      }
      for (Object text : list(input.get("reject"))) {
        if (VALID_BY_JSON_SCHEMA.getOrDefault(id, Set.of()).contains(text)) {
          leftOut.add(id + " rejects " + text + ", which is valid by JSON Schema");
        } else {
          assertThat(Bound.accepts(constraint, (String) text))
              .as("%s rejects %s", id, text)
              .isFalse();
        }
      }
      ran++;
    }
    System.out.println(ran + " cases of json_schema ran; left out: " + leftOut);
    assertThat(ran).isEqualTo(22);
  }

  /** The cases of a sampler. */
  static List<Map<?, ?>> cases(String sampler) throws IOException {
    try (InputStream in = GoldenSchemasTest.class.getResourceAsStream("/sampling.json")) {
      Map<?, ?> document =
          (Map<?, ?>) JsonValues.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      List<Map<?, ?>> cases = new ArrayList<>();
      for (Object one : list(document.get("cases"))) {
        if (one instanceof Map<?, ?> test && sampler.equals(test.get("sampler"))) {
          cases.add(test);
        }
      }
      return cases;
    }
  }

  private static List<?> list(Object value) {
    return (List<?>) value;
  }

  private static String written(Object value) {
    StringBuilder text = new StringBuilder();
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, inner) ->
              text.append(text.isEmpty() ? "" : ",")
                  .append(JsonCharacters.canonical((String) key))
                  .append(':')
                  .append(written(inner)));
      return "{" + text + "}";
    } else if (value instanceof List<?> items) {
      items.forEach(item -> text.append(text.isEmpty() ? "" : ",").append(written(item)));
      return "[" + text + "]";
    }
    return JsonValues.scalar(value);
  }
}
