package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    Path directory = TinyChat.copy(TinyChat.directory(), folder.resolve("thinking"), false);
    Files.writeString(directory.resolve("chat_template.jinja"), TEMPLATE);
    // it was not trained to end its thinking: the budget does
    generator =
        TextGenerator.load(directory, "cpu(threads=1)").withSampler("greedy").withMaxNewTokens(40);
  }

  @AfterAll
  static void close() {
    generator.close();
  }

  @Test
  void it_is_apart_from_the_answer_and_no_longer_than_its_budget() {
    ChatResponse response =
        FundamentaLlmChatModel.of(generator).chat(request(parameters().thinkingBudget(5).build()));
    String thinking = response.aiMessage().thinking();

    assertThat(thinking).isNotBlank();
    assertThat(generator.tokenizer().encode(thinking).length).isLessThanOrEqualTo(5);
    assertThat(response.aiMessage().text()).doesNotContain("think>").isNotEqualTo(thinking);
  }

  @Test
  void it_streams_before_the_answer() {
    List<String> order = new ArrayList<>();
    StringBuilder thinking = new StringBuilder();
    Received received =
        new Received() {
          @Override
          public void onPartialThinking(PartialThinking piece, PartialThinkingContext context) {
            assertThat(pieces).isEmpty();
            thinking.append(piece.text());
            order.add("thinking");
          }
        };
    FundamentaLlmStreamingChatModel.of(generator)
        .chat(request(parameters().thinkingBudget(5).build()), received);
    received.await();

    assertThat(received.errors).isEmpty();
    assertThat(order).isNotEmpty();
    assertThat(received.response.aiMessage().thinking()).isEqualTo(thinking.toString());
    assertThat(received.response.aiMessage().text()).isEqualTo(String.join("", received.pieces));
  }

  @Test
  void a_variable_of_the_template_switches_it_off() {
    ChatResponse response =
        FundamentaLlmChatModel.of(generator)
            .chat(request(parameters().templateArgument("enable_thinking", false).build()));

    assertThat(response.aiMessage().thinking()).isNull();
    assertThat(response.aiMessage().text()).isNotBlank();
  }

  private static FundamentaLlmChatRequestParameters.Builder parameters() {
    return FundamentaLlmChatRequestParameters.builder();
  }

  private static ChatRequest request(FundamentaLlmChatRequestParameters parameters) {
    return ChatRequest.builder()
        .messages(UserMessage.from("I am Ann"))
        .parameters(parameters)
        .build();
  }
}
