package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.decoding.TokenConstraint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer that must call a tool is its calls, and ends with them. */
class RequiredCallsTest {
  private static final String CALL =
      "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>";

  private static TokenConstraint hermes(String choice, boolean parallel) {
    return Bound.bytes(
        "chat-answer",
        """
        {"notation": "hermes", "tools": [{"name": "f", "parameters": {"properties":
         {"a": {"type": "integer"}}, "required": ["a"]}}],
         "tool_choice": %s, "parallel_tool_calls": %s}
        """
            .formatted(choice, parallel));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"required\"", "{\"name\": \"f\"}"})
  void nothing_but_white_space_follows_the_only_call(String choice) {
    TokenConstraint one = hermes(choice, false);
    assertThat(Bound.accepts(one, CALL)).isTrue();
    assertThat(Bound.accepts(one, CALL + "\n")).isTrue();
    assertThat(Bound.accepts(one, CALL + "\n" + CALL)).isFalse();
    assertThat(Bound.accepts(one, CALL + " It is")).isFalse();
    assertThat(Bound.accepts(one, "It is " + CALL)).isFalse();
  }

  @Test
  void other_calls_follow_where_several_are_allowed_but_no_text() {
    TokenConstraint several = hermes("\"required\"", true);
    assertThat(Bound.accepts(several, CALL + "\n" + CALL + CALL + "\n")).isTrue();
    assertThat(Bound.accepts(several, CALL + "\n" + CALL + "It is")).isFalse();
  }

  @Test
  void text_follows_a_call_that_was_the_model_s_choice() {
    assertThat(Bound.accepts(hermes("\"auto\"", true), "Let me see. " + CALL + " It is")).isTrue();
  }
}
