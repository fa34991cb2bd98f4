package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.memory.ChatMemory;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.TokenStream;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The models in the hands of LangChain4j's AI services. */
class AiServiceTest {
  @AutoClose private final TextGenerator generator = TinyChat.load();

  interface Host {
    String answer(@MemoryId String guest, @dev.langchain4j.service.UserMessage String words);
  }

  interface StreamingHost {
    TokenStream answer(String words);
  }

  interface LoudHost {
    @SystemMessage("be loud")
    String answer(String words);
  }

  interface Usher {
    Seat seat(String words);
  }

  record Seat(boolean free, Row row) {}

  enum Row {
    FRONT,
    BACK
  }

  @Test
  void a_service_with_memory_knows_each_guest_by_name() {
    Host host =
        AiServices.builder(Host.class)
            .chatModel(FundamentaLlmChatModel.of(generator))
            .chatMemoryProvider(guest -> MessageWindowChatMemory.withMaxMessages(10))
            .build();

    assertThat(host.answer("1", "I am Ann")).isEqualTo("hello Ann");
    assertThat(host.answer("2", "I am Bob")).isEqualTo("hello Bob");
    assertThat(host.answer("1", "who am I")).isEqualTo("you are Ann");
    assertThat(host.answer("2", "who am I")).isEqualTo("you are Bob");
  }

  @Test
  void a_token_stream_brings_the_answer_in_pieces_and_remembers_it() throws Exception {
    ChatMemory memory = MessageWindowChatMemory.withMaxMessages(10);
    StreamingHost host =
        AiServices.builder(StreamingHost.class)
            .streamingChatModel(FundamentaLlmStreamingChatModel.of(generator))
            .chatMemory(memory)
            .build();
    List<String> pieces = new ArrayList<>();

    ChatResponse greeting = complete(host.answer("I am Eve"), new ArrayList<>());
    ChatResponse name = complete(host.answer("who am I"), pieces);

    assertThat(greeting.aiMessage().text()).isEqualTo("hello Eve");
    assertThat(name.aiMessage().text()).isEqualTo("you are Eve");
    assertThat(pieces).hasSizeGreaterThan(1);
    assertThat(String.join("", pieces)).isEqualTo("you are Eve");
    assertThat(name.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(name.tokenUsage().inputTokenCount())
        .isGreaterThan(greeting.tokenUsage().inputTokenCount());
    assertThat(memory.messages())
        .containsExactly(
            UserMessage.from("I am Eve"),
            AiMessage.from("hello Eve"),
            UserMessage.from("who am I"),
            AiMessage.from("you are Eve"));
  }

  @Test
  void a_system_message_is_heard() {
    LoudHost host = AiServices.create(LoudHost.class, FundamentaLlmChatModel.of(generator));

    assertThat(host.answer("I am Bob")).isEqualTo("HELLO!");
  }

  @Test
  void a_service_that_returns_an_object_gets_json_of_its_schema() {
    Usher usher = AiServices.create(Usher.class, FundamentaLlmChatModel.of(generator));

    assertThat(usher.seat("a seat")).isNotNull();
    // which seat is the model's business; that it is one is the schema's
    assertThat(usher.seat("I am Ann").row()).isIn((Object[]) Row.values());
  }

  private static ChatResponse complete(TokenStream stream, List<String> pieces) throws Exception {
    CompletableFuture<ChatResponse> response = new CompletableFuture<>();
    stream
        .onPartialResponse(pieces::add)
        .onCompleteResponse(response::complete)
        .onError(response::completeExceptionally)
        .start();
    return response.get(20, TimeUnit.MINUTES);
  }
}
