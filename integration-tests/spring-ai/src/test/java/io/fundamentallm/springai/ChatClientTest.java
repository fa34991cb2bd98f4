package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.AdvisorParams;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.memory.MessageWindowChatMemory;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.core.ParameterizedTypeReference;
import reactor.test.StepVerifier;

/** The model in the hands of Spring AI's client. */
class ChatClientTest {
  private TextGenerator generator;
  private ChatClient client;

  record Seat(boolean free, Row row) {}

  enum Row {
    FRONT,
    BACK
  }

  @BeforeEach
  void load() throws Exception {
    generator = TinyChat.load(TinyChat.greedy());
    client = ChatClient.create(FundamentaLlmChatModel.of(generator));
  }

  @AfterEach
  void close() {
    generator.close();
  }

  @Test
  void a_client_with_memory_knows_each_guest_by_name() {
    ChatMemory memory = MessageWindowChatMemory.builder().build();
    ChatClient host =
        client.mutate().defaultAdvisors(MessageChatMemoryAdvisor.builder(memory).build()).build();

    assertThat(answer(host, "1", "I am Ann")).isEqualTo("hello Ann");
    assertThat(answer(host, "2", "I am Bob")).isEqualTo("hello Bob");
    assertThat(answer(host, "1", "who am I")).isEqualTo("you are Ann");
    StepVerifier.create(
            host.prompt("who am I").advisors(a -> a.param(ChatMemory.CONVERSATION_ID, "2")).stream()
                .content()
                .reduce(String::concat))
        .expectNext("you are Bob")
        .expectComplete()
        .verify(Duration.ofMinutes(10));
    assertThat(memory.get("2"))
        .containsExactly(
            new UserMessage("I am Bob"),
            new AssistantMessage("hello Bob"),
            new UserMessage("who am I"),
            new AssistantMessage("you are Bob"));
  }

  @Test
  void a_system_text_is_heard() {
    assertThat(client.prompt("I am Bob").system("be loud").call().content()).isEqualTo("HELLO!");
  }

  @Test
  void an_entity_gets_json_of_its_schema() {
    assertThat(
            client
                .prompt("a seat")
                .call()
                .entity(Seat.class, spec -> spec.useProviderStructuredOutput()))
        .isNotNull();
    // which seat is the model's business; that it is one is the schema's
    ChatClient usher =
        client.mutate().defaultAdvisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT).build();
    assertThat(usher.prompt("I am Ann").call().entity(Seat.class).row())
        .isIn((Object[]) Row.values());
    for (long seed = 0; seed < 10; seed++) {
      FundamentaLlmChatOptions.Builder wild =
          FundamentaLlmChatOptions.builder().temperature(1.0).seed(seed);
      assertThat(usher.prompt("I am Ann").options(wild).call().entity(Seat.class).row())
          .isIn((Object[]) Row.values());
    }
    List<Row> rows =
        usher
            .prompt("who am I")
            .call()
            .entity(new ParameterizedTypeReference<List<Row>>() {}, spec -> {});
    assertThat(rows).isSubsetOf(Row.values());
  }

  @Test
  void options_of_a_request_are_laid_over_those_of_the_model() {
    ChatClient stopping =
        ChatClient.create(
            FundamentaLlmChatModel.builder(generator)
                .options(ChatOptions.builder().stopSequences(List.of("Bob")).build())
                .build());

    assertThat(stopping.prompt("I am Bob").call().content()).isEqualTo("hello ");
    assertThat(
            stopping
                .prompt("I am Bob")
                .options(ChatOptions.builder().stopSequences(List.of("ello")))
                .call()
                .content())
        .isEqualTo("h");
    assertThat(
            client
                .prompt("I am Bob")
                .options(FundamentaLlmChatOptions.builder().maxTokens(1).seed(1L))
                .call()
                .chatResponse()
                .getMetadata()
                .getUsage()
                .getCompletionTokens())
        .isOne();
  }

  private static String answer(ChatClient host, String guest, String words) {
    return host.prompt(words)
        .advisors(a -> a.param(ChatMemory.CONVERSATION_ID, guest))
        .call()
        .content();
  }
}
