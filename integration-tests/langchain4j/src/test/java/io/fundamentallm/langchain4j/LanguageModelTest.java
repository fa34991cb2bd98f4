package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import org.junit.jupiter.api.Test;

class LanguageModelTest {
  @Test
  void a_prompt_is_continued_without_a_template() throws Exception {
    try (TextGenerator generator = TinyChat.load()) {
      Response<String> response =
          FundamentaLlmLanguageModel.of(generator).generate("user\nI am Bob\nassistant\n");

      assertThat(response.content()).isEqualTo("hello Bob");
      assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(response.tokenUsage().inputTokenCount()).isPositive();
      assertThat(response.tokenUsage().outputTokenCount()).isPositive();
    }
  }

  @Test
  void its_limit_is_the_generators() throws Exception {
    try (TextGenerator generator = TinyChat.load()) {
      Response<String> response =
          FundamentaLlmLanguageModel.of(generator.withMaxNewTokens(1)).generate("user\nI am");

      assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
      assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(1);
    }
  }
}
