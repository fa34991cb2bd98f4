package com.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.springai.FundamentaLlmChatOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/** How often an assistant may look something up before it answers. */
class ShopTest {
  private final Shop shop = new Shop(Map.of("lamp", new Shop.Product("30", "few")), Map.of());
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void it_answers_after_two_rounds() {
    assertThat(shop.answer(callingTimes(2), "What does the lamp cost?")).isEqualTo("It costs 30.");
    assertThat(asked).hasValue(3);
  }

  @Test
  void it_gives_up_on_an_assistant_that_calls_tools_again_and_again() {
    assertThatThrownBy(
            () -> shop.answer(callingTimes(Integer.MAX_VALUE), "What does the lamp cost?"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the assistant still calls tools after 2 rounds");
    assertThat(asked).hasValue(3);
  }

  /** Looks the lamp up so many times, and then answers. */
  private ChatModel callingTimes(int times) {
    return new ChatModel() {
      @Override
      public ChatResponse call(Prompt prompt) {
        AssistantMessage said = asked.getAndIncrement() < times ? ShopTest.call() : answer();
        return new ChatResponse(List.of(new Generation(said)));
      }

      @Override
      public ChatOptions getOptions() {
        return FundamentaLlmChatOptions.builder().build();
      }
    };
  }

  private static AssistantMessage call() {
    return AssistantMessage.builder()
        .content("")
        .toolCalls(
            List.of(
                new AssistantMessage.ToolCall(
                    "1", "function", "find_product", "{\"product\": \"lamp\"}")))
        .build();
  }

  private static AssistantMessage answer() {
    return new AssistantMessage("It costs 30.");
  }
}
