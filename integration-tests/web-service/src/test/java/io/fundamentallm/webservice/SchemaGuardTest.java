package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.webservice.constraint.SchemaGuard;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.settings.Limits;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class SchemaGuardTest {
  private static final Limits LIMITS =
      new Limits(
          DataSize.ofMegabytes(1),
          1,
          1,
          1,
          1,
          1,
          1,
          DataSize.ofKilobytes(64),
          32,
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          10,
          Duration.ofSeconds(5));

  private static String checked(String schema) {
    return SchemaGuard.checked("schema", Server.json(schema.replace('\'', '"')), LIMITS);
  }

  /** So many definitions, each of which names the next in a pattern. */
  private static String chain(int length, String pattern) {
    StringBuilder schema = new StringBuilder("{'$ref': '#/$defs/a0', '$defs': {");
    for (int i = 0; i < length; i++) {
      String next = "{'$ref': '#/$defs/a" + (i + 1) + "'}";
      schema.append("'a" + i + "': ").append(pattern.replace("NEXT", next)).append(", ");
    }
    return schema + "'a" + length + "': {'type': 'string'}}}";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'$ref': '#'}",
        "{'type': 'object', 'properties': {'next': {'$ref': '#'}}}",
        "{'anyOf': [{'type': 'array', 'items': {'$ref': '#'}}, {'type': 'string'}]}",
        "{'allOf': [{'$ref': '#/$defs/a'}], '$defs': {'a': {'items': {'$ref': '#/$defs/a'}}}}",
        "{'allOf': [{'minLength': 1}, {'maxLength': 9}], 'type': 'string'}",
        "{'description': 'a', '$ref': '#/$defs/a', '$defs': {'a': {'items': {'$ref': '#'}}}}",
        "{'properties': {'allOf': {'$ref': '#'}, '$ref': {'type': 'null'}}}",
        "true"
      })
  void what_people_write_is_let_through(String schema) {
    assertThat(Server.json(checked(schema))).isEqualTo(Server.json(schema.replace('\'', '"')));
  }

  @Test
  void references_that_combine_nothing_are_let_through() {
    String tree = "{'type': 'object', 'properties': {'x': NEXT, 'y': NEXT}}";

    assertThat(checked(chain(30, tree))).isNotEmpty();
    assertThat(checked(chain(30, "{'anyOf': [NEXT, NEXT]}"))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'allOf': [NEXT, NEXT]}",
        "{'allOf': [{'properties': {'title': NEXT, 'default': NEXT}}, {'minProperties': 1}]}",
        "{'allOf': [{'items': [NEXT, NEXT]}, {'type': 'array'}]}",
        "{'type': 'object', 'anyOf': [NEXT, NEXT]}",
        "{'$ref': '#/$defs/a30', 'properties': {'x': NEXT, 'y': NEXT}}"
      })
  void what_doubles_with_each_definition_is_refused(String pattern) {
    assertThatThrownBy(() -> checked(chain(30, pattern)))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("combines");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'allOf': [{'$ref': '#'}, {'$ref': '#'}]}",
        "{'$ref': '#/$defs/~0a', 'minLength': 1, '$defs': {'~a': {'items': {'$ref': '#/$defs/~0a'}}}}",
        "{'$defs': {'a': [{'items': {'$ref': '#/$defs/a/00'}}]}, 'allOf': [{'$ref': '#/$defs/a/00'}, {'type': 'array'}]}"
      })
  void what_combines_what_never_ends_is_refused(String schema) {
    assertThatThrownBy(() -> checked(schema))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("combines");
  }

  @Test
  void what_is_too_long_or_too_deep_is_refused() {
    assertThatThrownBy(() -> checked("{'items': ".repeat(33) + "true" + "}".repeat(33)))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("32");
    assertThatThrownBy(() -> checked("{'const': '" + "x".repeat(70_000) + "'}"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("65536");
  }
}
