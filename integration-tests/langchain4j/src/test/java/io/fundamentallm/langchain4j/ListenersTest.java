package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Listeners hear of every request, and of what came of it. */
class ListenersTest {
  private final List<String> received = new CopyOnWriteArrayList<>();

  private final ChatModelListener listener =
      new ChatModelListener() {
        @Override
        public void onRequest(ChatModelRequestContext context) {
          received.add("request for " + context.chatRequest().modelName());
        }

        @Override
        public void onResponse(ChatModelResponseContext context) {
          received.add("response " + context.chatResponse().aiMessage().text());
        }

        @Override
        public void onError(ChatModelErrorContext context) {
          received.add("error " + context.error().getClass().getSimpleName());
        }
      };

  @Test
  void of_a_chat_model() throws Exception {
    FundamentaLlmChatModel model;
    try (TextGenerator generator = TinyChat.load()) {
      model = FundamentaLlmChatModel.builder(generator).listeners(List.of(listener)).build();
      assertThat(model.chat("I am Eve")).isEqualTo("hello Eve");
    }

    assertThatThrownBy(() -> model.chat("I am Eve")).isInstanceOf(IllegalStateException.class);
    assertThat(received)
        .containsExactly(
            "request for llama",
            "response hello Eve",
            "request for llama",
            "error ClosedModelException");
  }

  @Test
  void of_a_streaming_chat_model() throws Exception {
    FundamentaLlmStreamingChatModel model;
    try (TextGenerator generator = TinyChat.load()) {
      model =
          FundamentaLlmStreamingChatModel.builder(generator)
              .listeners(List.of(listener))
              .executor(Runnable::run)
              .build();
      model.chat("I am Eve", new Received());
    }

    model.chat("I am Eve", new Received());
    assertThat(received)
        .containsExactly(
            "request for llama",
            "response hello Eve",
            "request for llama",
            "error ClosedModelException");
  }
}
