package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;

/** What a model thinks before it answers is kept apart, and can be limited. */
class ThinkingTest {
  /** Opens the thinking for the model, as templates of models that think do. */
  private static final String TEMPLATE =
      """
      <|begin|>{% for m in messages %}{{ m.role + '\\n' + m.content + '\\n' }}{% endfor %}\
      {% if add_generation_prompt %}{{ 'assistant\\n<think>' }}{% if enable_thinking is defined \
      and not enable_thinking %}{{ '</think>' }}{% endif %}{% endif %}\
      """;

  @TempDir static Path folder;
  private static TextGenerator generator;

  @BeforeAll
  static void load() throws Exception {
    Path directory = TinyChat.copy(TinyChat.greedy(), folder.resolve("thinking"), false);
    Files.writeString(directory.resolve("chat_template.jinja"), TEMPLATE);
    // it was not trained to end its thinking: the budget does
    generator = TextGenerator.load(directory, "cpu(threads=1)").withMaxNewTokens(40);
  }

  @AfterAll
  static void close() {
    generator.close();
  }

  @Test
  void it_is_in_the_metadata_and_no_longer_than_its_budget() {
    ChatResponse response =
        FundamentaLlmChatModel.of(generator)
            .call(new Prompt("I am Ann", options().thinkingBudget(5).build()));
    String thinking =
        (String) response.getResult().getOutput().getMetadata().get("reasoningContent");

    assertThat(thinking).isNotBlank();
    assertThat(generator.tokenizer().encode(thinking).length).isLessThanOrEqualTo(5);
    assertThat(response.getResult().getOutput().getText()).doesNotContain("think>");
    assertThat((String) response.getResult().getMetadata().get("thinking")).isEqualTo(thinking);
  }

  @Test
  void it_streams_without_text_and_the_last_response_has_all_of_it() {
    List<ChatResponse> responses =
        FundamentaLlmChatModel.of(generator).stream(
                new Prompt("I am Ann", options().thinkingBudget(5).build()))
            .collectList()
            .block();
    StringBuilder pieces = new StringBuilder();
    for (ChatResponse response : responses) {
      String piece = response.getResult().getMetadata().get("thinking");
      if (piece != null) {
        pieces.append(piece);
        assertThat(response.getResult().getOutput().getText()).isEmpty();
      }
    }

    assertThat(pieces).isNotBlank();
    assertThat(responses.get(responses.size() - 1).getResult().getOutput().getMetadata())
        .containsEntry("reasoningContent", pieces.toString());
  }

  @Test
  void a_variable_of_the_template_switches_it_off() {
    ChatResponse response =
        FundamentaLlmChatModel.of(generator)
            .call(
                new Prompt(
                    "I am Ann", options().templateArgument("enable_thinking", false).build()));

    assertThat(response.getResult().getOutput().getMetadata())
        .doesNotContainKey("reasoningContent");
    assertThat(response.getResult().getOutput().getText()).isNotBlank();
  }

  private static FundamentaLlmChatOptions.Builder options() {
    return FundamentaLlmChatOptions.builder();
  }
}
