package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import io.fundamentallm.text.ChatToolCall;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessagesTest {
  @Test
  void texts_are_turns_in_the_roles_of_published_templates() {
    assertThat(
            Messages.of(
                List.of(
                    SystemMessage.from("be loud"),
                    UserMessage.from(TextContent.from("I am"), TextContent.from("Ann")),
                    UserMessage.from(TextContent.from(""), TextContent.from("Hello?")),
                    AiMessage.from("HELLO!"))))
        .containsExactly(
            io.fundamentallm.text.ChatMessage.system("be loud"),
            io.fundamentallm.text.ChatMessage.user("I am\nAnn"),
            io.fundamentallm.text.ChatMessage.user("Hello?"),
            io.fundamentallm.text.ChatMessage.assistant("HELLO!"));
  }

  @Test
  void calls_their_results_and_thinking_are_turns_too() {
    ToolExecutionRequest request =
        ToolExecutionRequest.builder().id("1").name("look").arguments("{\"at\":2}").build();
    ChatToolCall call = new ChatToolCall("1", "look", "{\"at\":2}");
    assertThat(
            Messages.of(
                List.of(
                    AiMessage.builder()
                        .thinking("Hm.")
                        .toolExecutionRequests(List.of(request))
                        .build(),
                    ToolExecutionResultMessage.from(request, "nothing there"))))
        .containsExactly(
            io.fundamentallm.text.ChatMessage.assistant("", List.of(call)).withThinking("Hm."),
            io.fundamentallm.text.ChatMessage.tool(call, "nothing there"));
  }

  @Test
  void a_call_without_arguments_has_an_empty_object_of_them() {
    for (String arguments : new String[] {null, "", " "}) {
      ToolExecutionRequest request =
          ToolExecutionRequest.builder().id("1").name("look").arguments(arguments).build();
      assertThat(Messages.of(List.of(AiMessage.from(request))).get(0).toolCalls())
          .containsExactly(new ChatToolCall("1", "look", "{}"));
    }
  }

  static List<ChatMessage> others() {
    return List.of(
        UserMessage.from(ImageContent.from("https://example.com/picture.png")),
        CustomMessage.from(Map.of("a", "b")));
  }

  @ParameterizedTest
  @MethodSource("others")
  void what_is_not_text_is_refused(ChatMessage message) {
    assertThatThrownBy(() -> Messages.of(List.of(message)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("not supported by FundamentaLLM's models");
  }
}
