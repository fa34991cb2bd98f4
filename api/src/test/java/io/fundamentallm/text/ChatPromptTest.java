package io.fundamentallm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChatPromptTest {
  private final ChatPrompt.Builder builder =
      ChatPrompt.builder(List.of(ChatMessage.user("Is it a truth?")));

  @Test
  void an_answers_schema_that_is_no_json_is_said_to_be_the_answers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.answerSchema("{type:"))
        .withMessage(
            "the answer's schema must be a JSON Schema, an object: expected a key in quotes at"
                + " character 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.answerSchema("[]"))
        .withMessageStartingWith("the answer's schema must be a JSON Schema, an object: ");
    assertThat(builder.build().answerSchema()).isEmpty();
    assertThat(builder.answerSchema("{}").build().answerSchema()).hasValue("{}");
  }
}
