package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls that gpt-oss tells in the header of a message are held to their tools like others. */
class HeadedCallsTest {
  private static final List<String> MARKERS =
      List.of("</s>", "<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>");
  private static final String THINKING = "<|channel|>analysis<|message|>Hm.<|end|>";

  private static ChatAnswer answer(ToolChoice choice, boolean special, String wanted) {
    MarkedPieces tokenizer =
        new MarkedPieces(
            special ? MARKERS : List.of("</s>"), MarkedPieces.template("<|start|>assistant", true));
    ChatPrompt prompt =
        ChatPrompt.builder(List.of(ChatMessage.user("?")))
            .notation(ChatNotation.HARMONY)
            .toolChoice(choice)
            .tools(
                List.of(
                    new ChatTool("say", "", ThinkingBudgetTest.TEXT_SCHEMA),
                    new ChatTool("add", "", "{\"properties\":{\"a\":{\"type\":\"integer\"}}}")))
            .build();
    return ThinkingBudgetTest.wanting(tokenizer, prompt, wanted, 0).chat(prompt);
  }

  @Test
  void they_may_be_anywhere_that_a_message_begins() {
    for (ToolChoice choice : List.of(ToolChoice.auto(), ToolChoice.required())) {
      for (boolean special : new boolean[] {true, false}) {
        for (String before : List.of("", THINKING + "<|start|>assistant")) {
          for (String json : List.of("json", "<|constrain|>json")) {
            String wanted =
                before
                    + " to=functions.say<|channel|>commentary "
                    + json
                    + "<|message|>{\"text\": \"to=functions.add\"}";
            ChatMessage message = answer(choice, special, wanted).message();
            assertThat(message.content()).as(wanted).isEmpty();
            assertThat(message.thinking()).as(wanted).isEqualTo(before.isEmpty() ? "" : "Hm.");
            assertThat(message.toolCalls()).as(wanted).hasSize(1);
            assertThat(message.toolCalls().get(0).name()).isEqualTo("say");
            assertThat(message.toolCalls().get(0).arguments())
                .isEqualTo("{\"text\": \"to=functions.add\"}");
          }
        }
      }
    }
  }

  @Test
  void a_tool_that_there_is_not_cannot_be_called_so() {
    List<String> called = new ArrayList<>();
    answer(ToolChoice.auto(), true, " to=functions.sing<|channel|>commentary json<|message|>{}")
        .forEachRemaining(
            part -> {
              if (part instanceof ChatPart.CallBegin call) {
                called.add(call.name());
              }
            });
    assertThat(called).containsExactly("say");
  }

  @Test
  void in_a_text_they_are_text() {
    ChatMessage message =
        answer(ToolChoice.auto(), true, "<|channel|>final<|message|>Write to=functions.sing in it.")
            .message();
    assertThat(message).isEqualTo(ChatMessage.assistant("Write to=functions.sing in it."));
  }

  @Test
  void a_text_that_begins_like_one_is_text_where_its_channel_was_named() {
    for (boolean special : new boolean[] {true, false}) {
      for (String before : List.of("", THINKING + "<|start|>assistant")) {
        for (String channel : List.of("final", "commentary")) {
          String text = "to=functions.say stands before a call.";
          ChatMessage message =
              answer(
                      ToolChoice.auto(),
                      special,
                      before + "<|channel|>" + channel + "<|message|>" + text)
                  .message();
          assertThat(message.content()).as(before + channel).isEqualTo(text);
          assertThat(message.toolCalls()).as(before + channel).isEmpty();
        }
      }
    }
  }

  @Test
  void where_a_channel_was_named_a_call_that_has_to_be_opens_another() {
    ChatMessage message =
        answer(
                ToolChoice.required(),
                true,
                "<|channel|>final<|message|>to=functions.say<|channel|>commentary json<|message|>")
            .message();
    assertThat(message.content()).isEmpty();
    assertThat(message.toolCalls()).hasSize(1);
  }

  @Test
  void none_of_their_objects_has_a_name_twice() {
    String spec =
        "{\"notation\":\"harmony\",\"thinking\":\"allowed\",\"tools\":[{\"name\":\"say\","
            + "\"parameters\":{\"type\":\"object\",\"additionalProperties\":true}}]}";
    for (String before : List.of("", THINKING + "<|start|>assistant")) {
      for (String header :
          List.of(
              " to=functions.say<|channel|>commentary json",
              " to=functions.say<|channel|>commentary <|constrain|>json",
              "<|channel|>commentary to=functions.say <|constrain|>json",
              "<|channel|>analysis to=functions.say <|constrain|>json")) {
        String call = before + header + "<|message|>{\"k\": 1, \"%s\": 2}";
        assertThat(Bound.accepts(Bound.bytes("chat-answer", spec), call.formatted("j")))
            .as(call)
            .isTrue();
        assertThat(Bound.accepts(Bound.bytes("chat-answer", spec), call.formatted("k")))
            .as(call)
            .isFalse();
      }
    }
  }
}
