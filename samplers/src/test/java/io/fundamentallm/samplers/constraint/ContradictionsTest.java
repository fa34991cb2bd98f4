package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.decoding.TokenConstraint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemas that nothing is valid by: refused with the place and what contradicts what. */
class ContradictionsTest {
  private static void refused(String schema, String expected) {
    assertThatIllegalArgumentException()
        .as(schema)
        .isThrownBy(() -> Bound.stage("json-schema", schema))
        .withMessageStartingWith("stage \"json-schema\"")
        .withMessageContaining(expected)
        .withMessageNotContaining("root");
  }

  private static String inProperty(String schema, String rest) {
    return "{\"type\":\"object\",\"properties\":{\"a\":" + schema + "}" + rest + "}";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"integer\",\"minimum\":5,\"maximum\":3} ~ no integer fits minimum: 5, maximum: 3",
        "{\"minimum\":5,\"maximum\":3} ~ no number fits minimum: 5, maximum: 3",
        "{\"exclusiveMinimum\":3,\"maximum\":3} ~ no number fits exclusiveMinimum: 3, maximum: 3",
        "{\"minimum\":3,\"maximum\":3,\"exclusiveMaximum\":true} ~ no number fits minimum: 3, maximum: 3, exclusiveMaximum: true",
        "{\"type\":\"integer\",\"exclusiveMinimum\":3,\"exclusiveMaximum\":4} ~ no integer fits exclusiveMinimum: 3, exclusiveMaximum: 4",
        "{\"type\":\"integer\",\"minimum\":1.2,\"maximum\":1.8} ~ no integer fits minimum: 1.2, maximum: 1.8",
        "{\"multipleOf\":7,\"minimum\":8,\"maximum\":13} ~ no number fits multipleOf: 7, minimum: 8, maximum: 13",
        "{\"multipleOf\":0.1,\"minimum\":0.01,\"maximum\":0.09} ~ no number fits multipleOf: 0.1",
        "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2} ~ no string fits minLength: 3, maxLength: 2",
        "{\"pattern\":\"^a{5}$\",\"maxLength\":4} ~ no string fits pattern: \"^a{5}$\", maxLength: 4",
        "{\"format\":\"date\",\"pattern\":\"^x\"} ~ no string fits format: \"date\", pattern: \"^x\"",
        "{\"pattern\":\"[^\\\\s\\\\S]\"} ~ no string fits pattern: ",
        "{\"minItems\":3,\"maxItems\":2} ~ no array fits minItems: 3, maxItems: 2",
        "{\"items\":false,\"minItems\":1} ~ no array fits items: false, minItems: 1",
        "{\"prefixItems\":[true],\"minItems\":2} ~ no array fits prefixItems: [true], minItems: 2",
        "{\"items\":{\"enum\":[1,2]},\"uniqueItems\":true,\"minItems\":3} ~ no array fits items: ",
        "{\"minProperties\":2,\"maxProperties\":1} ~ no object fits minProperties: 2, maxProperties: 1",
        "{\"required\":[\"x\",\"y\"],\"maxProperties\":1} ~ no object fits required: [\"x\", \"y\"], maxProperties: 1",
        "{\"required\":[\"x\"],\"additionalProperties\":false} ~ no object fits required: [\"x\"], additionalProperties: false",
        "{\"required\":[\"x\"],\"properties\":{\"x\":false}} ~ no object fits required: [\"x\"], properties: {\"x\": false}",
        "{\"properties\":{\"x\":true},\"minProperties\":2} ~ no object fits properties: {\"x\": true}, minProperties: 2",
        "{\"anyOf\":[]} ~ no value fits anyOf: []",
        "{\"type\":\"string\",\"oneOf\":[]} ~ no value fits oneOf: []",
        "{\"type\":[]} ~ no value fits type: []",
        "{\"enum\":[]} ~ no value fits enum: []",
        "{\"type\":\"integer\",\"enum\":[\"a\",null]} ~ no value fits type: \"integer\", enum: [\"a\", null]",
        "{\"type\":\"string\",\"const\":1} ~ no value fits type: \"string\", const: 1",
        "{\"enum\":[1,2],\"const\":3} ~ no value fits enum: [1, 2], const: 3",
        "{\"enum\":[1,2],\"minimum\":3} ~ no value fits enum: [1, 2], minimum: 3",
      })
  void a_contradiction_is_refused_where_it_is_written(String schema, String expected) {
    refused(schema, "#: " + expected);
    refused(inProperty(schema, ",\"required\":[\"a\"]"), "#/properties/a: " + expected);
    // that nothing but the property goes missing is no reason to leave anybody guessing
    refused(inProperty(schema, ""), "#/properties/a: " + expected);
    refused("{\"items\":{\"anyOf\":[" + schema + ",true]}}", "#/items/anyOf/0: " + expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{\"allOf\":[{\"minimum\":5},{\"maximum\":3}]} ~ no number fits minimum: 5, maximum: 3, once schemas are combined",
        "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]} ~ no value fits type: [], once schemas are combined",
        "{\"minLength\":3,\"anyOf\":[{\"maxLength\":2},{\"maxLength\":1}]} ~ no string fits minLength: 3, maxLength: 1, once",
        "{\"enum\":[1],\"allOf\":[{\"enum\":[2]}]} ~ no value fits enum: [], once schemas are combined",
      })
  void schemas_that_leave_nothing_together_are_refused_with_their_place(
      String schema, String expected) {
    refused(schema, expected);
    refused(inProperty(schema, ",\"required\":[\"a\"]"), "#/properties/a");
    refused(inProperty(schema, ",\"required\":[\"a\"]"), expected);
  }

  @Test
  void an_alternative_that_combining_made_impossible_is_left_out() {
    TokenConstraint numbers =
        Bound.bytes(
            "json-schema",
            "{\"type\":\"integer\",\"minimum\":4,\"anyOf\":[{\"maximum\":3},{\"maximum\":5}]}");
    assertThat(Bound.accepts(numbers, "5")).isTrue();
    assertThat(Bound.accepts(numbers, "3")).isFalse();
    TokenConstraint values =
        Bound.bytes(
            "json-schema",
            "{\"enum\":[\"a\",3],\"minimum\":4,\"anyOf\":[{\"maximum\":3},{\"minLength\":1}]}");
    assertThat(Bound.accepts(values, "\"a\"")).isTrue();
    assertThat(Bound.accepts(values, "3")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"properties\":{\"a\":false,\"b\":true}}",
        "{\"items\":false}",
        "{\"additionalProperties\":false}",
        "{\"anyOf\":[false,{\"type\":\"null\"}]}",
        "{\"minimum\":3,\"maximum\":3}",
        "{\"type\":\"integer\",\"exclusiveMinimum\":3,\"maximum\":4}",
        "{\"minLength\":2,\"maxLength\":2}",
        "{\"minItems\":2,\"maxItems\":2,\"prefixItems\":[true],\"items\":true}"
      })
  void what_leaves_something_is_accepted(String schema) {
    assertThat(Bound.stage("json-schema", schema)).isNotNull();
  }

  @Test
  void false_is_named_where_it_is_needed() {
    refused("false", "no text can be finished: #: false allows no value");
    refused("{\"prefixItems\":[false],\"minItems\":1}", "#/prefixItems/0: false allows no value");
    refused(inProperty("false", ",\"minProperties\":1"), "#/properties/a: false allows no value");
  }

  @Test
  void a_rule_that_needs_itself_is_named() {
    refused(
        "{\"items\":{\"$ref\":\"#/$defs/n\"},\"minItems\":1,\"$defs\":{\"n\":{\"items\":"
            + "{\"$ref\":\"#/$defs/n\"},\"minItems\":1}}}",
        "rule \"$ref #/$defs/n\" needs itself");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("grammar", "root ::= \"x\" a\na ::= \"y\" a"))
        .withMessageContaining("rule \"a\" needs itself");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("regex", "a[^\\s\\S]"))
        .withMessageContaining("a class of characters is empty");
  }
}
