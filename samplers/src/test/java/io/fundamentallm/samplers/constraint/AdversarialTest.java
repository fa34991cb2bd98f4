package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Patterns, schemas and grammars that want all memory or time: they get an error, and soon. */
@Timeout(600)
class AdversarialTest {
  private static void refused(String name, String value, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage(name, value))
        .withMessageContaining("stage \"" + name + "\"")
        .withMessageContaining(message);
  }

  @Test
  void deep_nesting() {
    refused("regex", "(".repeat(100_000) + "a" + ")".repeat(100_000), "groups within each other");
    refused("regex", "(?:a|".repeat(501) + "b" + ")".repeat(501), "within each other");
    refused(
        "grammar",
        "root ::= " + "(".repeat(100_000) + "\"a\"" + ")".repeat(100_000),
        "groups within each other");
    refused("json-schema", "[".repeat(100_000), "within each other");
    refused(
        "json-schema",
        "{\"items\":".repeat(100_000) + "true" + "}".repeat(100_000),
        "within each other");
    refused(
        "json-schema", "{\"anyOf\":[".repeat(400) + "true" + "]}".repeat(400), "within each other");
  }

  @Test
  void as_deep_as_is_allowed() {
    assertThat(Bound.accepts(Bound.bytes("regex", "(".repeat(249) + "a" + ")".repeat(249)), "a"))
        .isTrue();
    String schema = "{\"items\":".repeat(240) + "true" + "}".repeat(240);
    assertThat(Bound.accepts(Bound.bytes("json-schema", schema), "[".repeat(240) + "]".repeat(240)))
        .isTrue();
  }

  @Test
  void huge_bounds_are_counted() {
    TokenConstraint text =
        Bound.bytes(
            "json-schema", "{\"type\":\"string\",\"minLength\":3,\"maxLength\":1000000000}");
    assertThat(Bound.accepts(text, "\"ab\"")).isFalse();
    assertThat(Bound.accepts(text, "\"" + "a".repeat(5000) + "\"")).isTrue();
    TokenConstraint array =
        Bound.bytes(
            "json-schema",
            "{\"minItems\":1000000000,\"maxItems\":2000000000,\"items\":{\"type\":\"null\"}}");
    assertThat(Bound.accepts(array, "[null,null]")).isFalse();
    TokenConstraint nested = Bound.bytes("regex", "((a{1000000}){1000000}b){1000000}");
    for (int i = 0; i < 2000; i++) {
      nested.accept('a');
    }
    assertThat(Bound.allows(nested.mask(), 'a')).isTrue();
    assertThat(
            Bound.accepts(
                Bound.bytes("json-schema", "{\"type\":\"integer\",\"maximum\":1e200}"), "12"))
        .isTrue();
  }

  @Test
  void huge_numbers() {
    refused("json-schema", "{\"type\":\"integer\",\"maximum\":1e999999999}", "digits");
    refused("json-schema", "{\"maximum\":1e-999999}", "digits");
    refused("json-schema", "{\"type\":\"integer\",\"multipleOf\":1000003}", "multipleOf");
    refused(
        "json-schema",
        "{\"type\":\"integer\",\"multipleOf\":2,\"minimum\":0,\"maximum\":1e9}",
        "multipleOf");
  }

  @Test
  void large_products_of_patterns_and_lengths() {
    refused("json-schema", "{\"pattern\":\"a.*b\",\"maxLength\":100000}", "states once combined");
    refused(
        "json-schema", "{\"pattern\":\"(.*a.{20}){3}\",\"minLength\":100}", "states once combined");
  }

  @Test
  void schemas_that_double_with_each_definition() {
    StringBuilder definitions = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      String next = "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}";
      definitions.append("\"d" + i + "\":{\"allOf\":[" + next + "," + next + "]},");
    }
    refused(
        "json-schema",
        "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + definitions + "\"d30\":{\"minimum\":1}}}",
        "combinations of two schemas");
  }

  @Test
  void repeated_emptiness() {
    refused("regex", "(a?){1000000}", "can be empty");
    refused("regex", "((((a?){60}){60}){60}){60}", "positions");
    assertThat(Bound.accepts(Bound.bytes("regex", "((a*)*)*"), "aaaa")).isTrue();
    assertThat(Bound.accepts(Bound.bytes("regex", "(a?){20}"), "a".repeat(20))).isTrue();
    assertThat(Bound.accepts(Bound.bytes("regex", "(a?){20}"), "a".repeat(21))).isFalse();
  }

  @Test
  void recursion_without_an_end() {
    refused("json-schema", "{\"$ref\":\"#\"}", "no text can be finished");
    refused(
        "json-schema",
        "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}",
        "no text can be finished");
    refused(
        "json-schema", "{\"items\":{\"$ref\":\"#\"},\"minItems\":1}", "no text can be finished");
    refused("json-schema", "{\"allOf\":[{\"$ref\":\"#\"},{\"minimum\":1}]}", "within each other");
    refused("json-schema", "false", "no text can be finished");
    refused("grammar", "root ::= \"a\" root", "no text can be finished");
  }

  @Test
  void exponential_combinations() {
    StringBuilder all = new StringBuilder("{\"allOf\":[");
    for (int i = 0; i < 30; i++) {
      all.append(i == 0 ? "" : ",")
          .append("{\"anyOf\":[{\"minimum\":1},{\"maximum\":5},{\"type\":\"string\"}]}");
    }
    refused("json-schema", all + "]}", "pairs");
    StringBuilder defs = new StringBuilder("{\"$ref\":\"#/$defs/d40\",\"$defs\":{\"d0\":true");
    for (int i = 1; i <= 40; i++) {
      String ref = "{\"$ref\":\"#/$defs/d" + (i - 1) + "\"}";
      defs.append(",\"d" + i + "\":{\"prefixItems\":[" + ref + "," + ref + "]}");
    }
    assertThat(Bound.accepts(Bound.bytes("json-schema", defs + "}}"), "[]")).isTrue();
    String twice = defs.toString().replace("\"prefixItems\"", "\"minItems\":0,\"prefixItems\"");
    String merged = twice.replaceAll("\\{(\"\\$ref\":\"[^\"]*d\\d+\")\\}", "{$1,\"minItems\":0}");
    refused("json-schema", merged + "}}", "combined");
  }

  @Test
  void parts_that_may_all_be_next_are_only_so_many() {
    TokenConstraint parts =
        Bound.bytes(
            "json-schema", "{\"type\":\"string\",\"pattern\":\"^((((a{4})?){60}){60}){9}$\"}");
    assertThatExceptionOfType(ConstraintException.class)
        .isThrownBy(() -> parts.accept('"'))
        .withMessageContaining("too ambiguous");
  }

  @Test
  void catastrophic_patterns_are_read_in_linear_time() {
    TokenConstraint nested = Bound.bytes("regex", "(a+)+b|(a|a)*c|(.*a){10}d");
    for (int i = 0; i < 20_000; i++) {
      nested.accept('a');
    }
    assertThat(Bound.allows(nested.mask(), 'b')).isTrue();
    assertThat(Bound.allows(nested.mask(), 'd')).isTrue();
  }

  @Test
  void a_text_is_as_deep_as_it_likes() {
    TokenConstraint json = Bound.bytes("json", "");
    for (int i = 0; i < 25_000; i++) {
      json.accept('[');
    }
    for (int i = 0; i < 25_000; i++) {
      json.accept(']');
    }
    assertThat(json.forced()).isEqualTo(Bound.END);
  }

  @Test
  void a_thousand_optional_properties() {
    StringBuilder schema = new StringBuilder("{\"properties\":{");
    for (int i = 0; i < 1000; i++) {
      schema.append(i == 0 ? "" : ",").append("\"p" + i + "\":{\"type\":\"integer\"}");
    }
    TokenConstraint constraint = Bound.bytes("json-schema", schema + "}}");
    assertThat(Bound.accepts(constraint, "{\"p3\":1,\"p999\":2}")).isTrue();
    assertThat(Bound.accepts(constraint, "{\"p3\":1,\"p2\":2}")).isFalse();
  }

  @Test
  void many_choices() {
    StringBuilder choices = new StringBuilder("x");
    for (int i = 0; i < 50_000; i++) {
      choices.append('|').append(i * 7919L);
    }
    refusedOrRead(choices.toString());
    refused("choice", chain(1000), "begin alike");
  }

  private static void refusedOrRead(String choices) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("choice", choices))
        .withMessageContaining("positions");
  }

  private static String chain(int length) {
    StringBuilder choices = new StringBuilder("a");
    for (int i = 2; i < length; i++) {
      choices.append('|').append("a".repeat(i));
    }
    return choices.toString();
  }
}
