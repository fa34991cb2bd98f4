package io.fundamentallm.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.SpecialTokens;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers that are held to a schema: within the document no marker is one, behind it each is. */
class DocumentAnswersTest {
  private static final List<ChatTool> TOOLS = List.of(new ChatTool("add", "", "{}"));

  private static List<String> markers(ChatSyntax syntax) {
    List<String> markers =
        new ArrayList<>(List.of(syntax.thinkingOpen(), syntax.thinkingClose(), syntax.close()));
    markers.addAll(syntax.open());
    markers.addAll(syntax.silent());
    markers.removeIf(String::isEmpty);
    return markers;
  }

  private static ChatMessage read(
      ByteTokenizer tokenizer, ChatNotation notation, String written, boolean tools) {
    ChatPrompt.Builder prompt =
        ChatPrompt.builder(List.of(ChatMessage.user("?"))).answerSchema("{}");
    if (tools && !ChatSyntax.named(notation.id()).onlyFirst()) {
      prompt.tools(TOOLS);
    }
    return ChatAnswer.of(
            ChatAnswerTest.generation(tokenizer, written, SpecialTokens.none()),
            tokenizer,
            prompt.build(),
            notation,
            true,
            false)
        .message();
  }

  @ParameterizedTest
  @EnumSource
  void a_marker_within_the_document_is_text(ChatNotation notation) {
    for (ByteTokenizer tokenizer : List.of(ChatAnswerTest.MARKED, ChatAnswerTest.PLAIN)) {
      for (String marker : markers(ChatSyntax.named(notation.id()))) {
        for (String form :
            List.of("{\"a\": \"x %s \\\"%s tag\"}", "[[\"%s\"], \"%s\"]", "\"%s {%s\"")) {
          String document = form.formatted(marker, marker);
          for (boolean tools : new boolean[] {false, true}) {
            assertThat(read(tokenizer, notation, document, tools))
                .as("%s %s", marker, tools)
                .isEqualTo(ChatMessage.assistant(document));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void thinking_before_the_document_is_thinking_and_white_space_in_it_stays(ChatNotation notation) {
    ChatSyntax syntax = ChatSyntax.named(notation.id());
    String document = "{\n  \"a\": [\"" + syntax.thinkingOpen() + "\"]\n}";
    ChatMessage message =
        read(
            ChatAnswerTest.PLAIN,
            notation,
            syntax.thinkingOpen() + "Hm {\"" + syntax.thinkingClose() + "\n" + document,
            true);
    assertThat(message).isEqualTo(ChatMessage.assistant(document).withThinking("Hm {\""));
  }
}
