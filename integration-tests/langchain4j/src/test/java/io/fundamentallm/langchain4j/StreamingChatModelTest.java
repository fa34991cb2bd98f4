package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class StreamingChatModelTest {
  @AutoClose private final TextGenerator generator = TinyChat.load();

  @Test
  void pieces_together_are_the_answer() {
    Received received = new Received();

    FundamentaLlmStreamingChatModel.of(generator).chat("I am Bob", received);
    received.await();

    assertThat(received.pieces).hasSizeGreaterThan(1).doesNotContain("");
    assertThat(String.join("", received.pieces)).isEqualTo("hello Bob");
    assertThat(received.response.aiMessage().text()).isEqualTo("hello Bob");
    assertThat(received.response.tokenUsage())
        .isEqualTo(
            FundamentaLlmChatModel.of(generator).chat(UserMessage.from("I am Bob")).tokenUsage());
    assertThat(received.errors).isEmpty();
  }

  @Test
  void a_handle_ends_the_generation_and_nothing_more_is_heard() {
    AtomicInteger computed = new AtomicInteger();
    AtomicReference<StreamingHandle> handle = new AtomicReference<>();
    Received received =
        new Received() {
          @Override
          public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            super.onPartialResponse(piece, context);
            handle.set(context.streamingHandle());
            context.streamingHandle().cancel();
          }
        };
    TextGenerator endless =
        generator.with(
            options ->
                options
                    .minNewTokens(40)
                    .trace((position, token, stages) -> computed.incrementAndGet()));

    run(endless, received);

    assertThat(handle.get().isCancelled()).isTrue();
    assertThat(received.pieces).hasSize(1);
    assertThat(received.errors).isEmpty();
    assertThat(received.response).isNull();
    assertThat(computed.get()).isBetween(1, 3); // of 40
  }

  @Test
  void another_thread_may_cancel_too() throws Exception {
    AtomicReference<StreamingHandle> handle = new AtomicReference<>();
    Received received =
        new Received() {
          @Override
          public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            super.onPartialResponse(piece, context);
            handle.set(context.streamingHandle());
            CompletableFuture.runAsync(() -> handle.get().cancel()).join();
          }
        };

    run(generator.with(options -> options.minNewTokens(40)), received);

    assertThat(received.pieces).hasSize(1);
    assertThat(received.errors).isEmpty();
    assertThat(received.response).isNull();
  }

  @Test
  void what_it_cannot_do_is_refused_at_once() {
    Received received = new Received();
    ChatRequest request =
        ChatRequest.builder()
            .messages(UserMessage.from(ImageContent.from("https://example.com/picture.png")))
            .build();

    assertThatThrownBy(() -> FundamentaLlmStreamingChatModel.of(generator).chat(request, received))
        .isInstanceOf(UnsupportedFeatureException.class);
    assertThat(received.errors).isEmpty();
    assertThat(received.response).isNull();
  }

  @Test
  void a_value_out_of_range_goes_to_on_error() {
    Received received = new Received();
    ChatRequest request =
        ChatRequest.builder().messages(UserMessage.from("I am Bob")).topP(2.0).build();

    FundamentaLlmStreamingChatModel.of(generator).chat(request, received);
    received.await();

    assertThat(received.errors).singleElement().isInstanceOf(IllegalArgumentException.class);
    assertThat(received.response).isNull();
  }

  @Test
  void a_tool_that_no_model_could_name_goes_to_on_error() {
    Received received = new Received();
    ChatRequest request =
        ChatRequest.builder()
            .messages(UserMessage.from("I am Bob"))
            .toolSpecifications(ToolSpecification.builder().name("look at it").build())
            .build();

    FundamentaLlmStreamingChatModel.of(generator).chat(request, received);
    received.await();

    assertThat(received.errors)
        .singleElement()
        .isInstanceOf(IllegalArgumentException.class)
        .asString()
        .contains("look at it");
  }

  @Test
  void a_cancellation_of_the_generators_is_an_error() {
    Received received = new Received();

    run(generator.with(options -> options.cancellation(() -> true)), received);

    assertThat(received.errors).singleElement().isInstanceOf(CancellationException.class);
  }

  @Test
  void what_a_handler_throws_goes_to_on_error_and_the_answer_goes_on() {
    IllegalStateException own = new IllegalStateException("the handler's own");
    Received received =
        new Received() {
          @Override
          public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            super.onPartialResponse(piece, context);
            if (pieces.size() == 1) {
              throw own;
            }
          }
        };

    run(generator, received);

    assertThat(received.errors).containsExactly(own);
    assertThat(received.response.aiMessage().text()).isEqualTo("hello Bob");
  }

  @Test
  void a_closed_generator_and_a_full_executor_are_errors() {
    Received closed = new Received();
    Received full = new Received();
    StreamingChatModel refusing =
        FundamentaLlmStreamingChatModel.builder(generator)
            .executor(
                answer -> {
                  throw new RejectedExecutionException("full");
                })
            .build();

    refusing.chat("I am Bob", full);
    generator.close();
    run(generator, closed);

    assertThat(full.errors).singleElement().isInstanceOf(RejectedExecutionException.class);
    assertThat(closed.errors).singleElement().isInstanceOf(IllegalStateException.class);
  }

  /** On this thread, so that all is over when it returns. */
  private static void run(TextGenerator generator, Received received) {
    FundamentaLlmStreamingChatModel.builder(generator)
        .executor(Runnable::run)
        .build()
        .chat("I am Bob", received);
  }
}
