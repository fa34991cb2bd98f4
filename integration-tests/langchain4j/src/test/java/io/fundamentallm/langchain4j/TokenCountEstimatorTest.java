package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.document.Document;
import dev.langchain4j.data.document.splitter.DocumentSplitters;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.memory.chat.TokenWindowChatMemory;
import dev.langchain4j.model.TokenCountEstimator;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.text.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class TokenCountEstimatorTest {
  private static final List<ChatMessage> CONVERSATION =
      List.of(
          SystemMessage.from("be loud"),
          UserMessage.from("I am Ann"),
          AiMessage.from("HELLO!"),
          UserMessage.from("who am I"));

  @AutoClose private final TextGenerator generator = TinyChat.load();
  private final Tokenizer tokenizer = generator.tokenizer();
  private final TokenCountEstimator estimator = FundamentaLlmTokenCountEstimator.of(tokenizer);

  @Test
  void a_conversation_counts_as_much_as_the_model_reads() {
    int read =
        FundamentaLlmChatModel.of(generator).chat(CONVERSATION).tokenUsage().inputTokenCount();

    assertThat(estimator.estimateTokenCountInMessages(CONVERSATION)).isEqualTo(read);
    assertThat(CONVERSATION.stream().mapToInt(estimator::estimateTokenCountInMessage).sum())
        .isBetween(1, read - 1); // without what the template adds
  }

  @Test
  void texts_and_calls_count() {
    ToolExecutionRequest call =
        ToolExecutionRequest.builder().id("1").name("look").arguments("{\"at\":2}").build();

    assertThat(estimator.estimateTokenCountInText("I am Ann"))
        .isEqualTo(tokenizer.encode("I am Ann").length);
    assertThat(estimator.estimateTokenCountInText("")).isZero();
    assertThat(estimator.estimateTokenCountInMessage(AiMessage.from(call)))
        .isEqualTo(tokenizer.encode("look").length + tokenizer.encode("{\"at\":2}").length);
    assertThatThrownBy(
            () ->
                estimator.estimateTokenCountInMessage(
                    UserMessage.from(ImageContent.from("https://example.com/picture.png"))))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void a_tokenizer_without_a_template_counts_the_words() {
    TokenCountEstimator bytes = FundamentaLlmTokenCountEstimator.of(Tokenizers.learn("byte", ""));

    assertThat(bytes.estimateTokenCountInMessages(CONVERSATION)).isEqualTo(7 + 8 + 6 + 8);
  }

  @Test
  void a_memory_keeps_to_its_window_and_a_splitter_to_its_size() {
    TokenWindowChatMemory memory = TokenWindowChatMemory.withMaxTokens(60, estimator);
    for (int i = 0; i < 20; i++) {
      memory.add(UserMessage.from("I am Ann " + i));
      memory.add(AiMessage.from("hello Ann"));
      assertThat(estimator.estimateTokenCountInMessages(memory.messages())).isLessThan(61);
    }
    assertThat(memory.messages()).hasSizeGreaterThan(1);
    assertThat(
            DocumentSplitters.recursive(20, 0, estimator)
                .split(Document.from("I am Ann. ".repeat(40))))
        .hasSizeGreaterThan(5)
        .allSatisfy(
            segment ->
                assertThat(estimator.estimateTokenCountInText(segment.text()))
                    .isLessThanOrEqualTo(20));
  }
}
