package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.text.ChatNotation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No object of a document or of a call has a name twice, and what was thought, said or called
 * before it changes nothing of that.
 */
class AnswerNamesTest {
  private static final String OBJECT = "{\"type\":\"object\",\"additionalProperties\":true}";
  private static final String SCHEMA = ",\"schema\":" + OBJECT;
  private static final String TOOLS =
      ",\"tools\":[{\"name\":\"say\",\"parameters\":" + OBJECT + "}]";

  /** Its texts look like names that come again, if one takes texts for what is between them. */
  private static final String ONCE = "{\"k\": [\"a,\", \"b,\", \"c\"]}";

  private static final String TWICE = "{\"k\": 1, \"k\": 2}";

  private static boolean accepts(ChatNotation notation, String thinking, String more, String text) {
    String spec =
        "{\"notation\":\"" + notation.id() + "\",\"thinking\":\"" + thinking + "\"" + more + "}";
    return Bound.accepts(Bound.bytes("chat-answer", spec), text);
  }

  private static void assertNames(
      ChatNotation notation, String thinking, String more, String before, String answer) {
    assertThat(accepts(notation, thinking, more, before + answer.formatted(ONCE)))
        .as("%s, %s: %s", notation, thinking, before + answer)
        .isTrue();
    assertThat(accepts(notation, thinking, more, before + answer.formatted(TWICE)))
        .as("%s, %s: %s, with a name twice", notation, thinking, before + answer)
        .isFalse();
  }

  /** What is thought about: calls and documents that were begun, and have a name twice. */
  private static List<String> thoughts(ChatSyntax syntax) {
    String open = syntax.open().isEmpty() ? "[say(" : syntax.open().get(0);
    String before = syntax.call().isObject() ? "" : syntax.call().before();
    return List.of(
        "Hm.",
        "{\"a",
        TWICE,
        "[\"x",
        "\"",
        "Say " + open + before + "{\"a",
        open + TWICE,
        open + "say" + syntax.call().between() + "{\"",
        "<function=say><parameter=k>{\"a");
  }

  @ParameterizedTest
  @EnumSource
  void names_of_a_document_are_its_own_whatever_was_thought(ChatNotation notation) {
    ChatSyntax syntax = ChatSyntax.named(notation.id());
    for (String thought : thoughts(syntax)) {
      String end = thought + syntax.thinkingClose();
      assertNames(notation, "begun", SCHEMA, end, "%s");
      assertNames(notation, "allowed", SCHEMA, syntax.thinkingOpen() + end, "%s");
      for (String silent : syntax.silent()) {
        assertNames(notation, "allowed", SCHEMA, silent, "%s");
        assertNames(notation, "begun", SCHEMA, end + silent, "%s");
      }
    }
    assertNames(notation, "none", SCHEMA, "", "%s");
  }

  @Test
  void names_of_a_call_are_its_own_whatever_was_thought() {
    for (ChatNotation notation :
        List.of(
            ChatNotation.HERMES,
            ChatNotation.LLAMA_JSON,
            ChatNotation.MISTRAL,
            ChatNotation.MISTRAL_ARGS)) {
      ChatSyntax syntax = ChatSyntax.named(notation.id());
      String call = call(syntax);
      for (String thought : thoughts(syntax)) {
        String end = thought + syntax.thinkingClose();
        for (String more : syntax.onlyFirst() ? List.of(TOOLS) : List.of(TOOLS, TOOLS + SCHEMA)) {
          assertNames(notation, "begun", more, end, call);
          assertNames(notation, "allowed", more, syntax.thinkingOpen() + end, call);
        }
      }
    }
  }

  private static String call(ChatSyntax syntax) {
    String call =
        syntax.call().before() + "say" + syntax.call().between() + "%s" + syntax.call().after();
    String open = syntax.onlyFirst() ? "" : syntax.open().get(0);
    return open + (syntax.array() ? "[" + call + "]" : call) + syntax.close();
  }

  @Test
  void names_behind_a_call_are_followed_too() {
    String hermes = call(ChatSyntax.named("hermes"));
    String called = hermes.formatted(ONCE);
    assertNames(ChatNotation.HERMES, "none", TOOLS + SCHEMA, called, "%s");
    assertNames(ChatNotation.HERMES, "none", TOOLS + SCHEMA, called, hermes);
    assertNames(ChatNotation.HERMES, "none", TOOLS, called, hermes);
    String llama = call(ChatSyntax.named("llama-json"));
    assertNames(ChatNotation.LLAMA_JSON, "none", TOOLS, llama.formatted(ONCE) + "; ", llama);
    assertNames(
        ChatNotation.LLAMA_JSON,
        "none",
        TOOLS,
        "<|python_tag|>" + llama.formatted(ONCE) + "; ",
        llama);
    String coder = "<tool_call>\n<function=say>\n</function>\n</tool_call>";
    assertNames(ChatNotation.QWEN3_CODER, "none", TOOLS + SCHEMA, coder, "%s");
    String deepSeek =
        "<｜DSML｜function_calls><｜DSML｜invoke name=\"say\">\n</｜DSML｜invoke></｜DSML｜function_calls>";
    assertNames(ChatNotation.DEEPSEEK_V32, "none", TOOLS + SCHEMA, deepSeek, "%s");
  }

  @Test
  void a_text_that_is_a_document_may_look_like_a_call() {
    String text = ",\"schema\":{\"type\":[\"string\",\"object\"],\"additionalProperties\":true}";
    for (ChatNotation notation : List.of(ChatNotation.HERMES, ChatNotation.QWEN3_CODER)) {
      assertThat(
              accepts(
                  notation,
                  "allowed",
                  TOOLS + text,
                  "\"<tool_call>{'a': 1, 'a': 2} {\\\"a\\\": 1, \\\"a\\\": 1\""))
          .as("%s", notation)
          .isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_schema_needs_no_notation_for_calls_that_do_not_come_or_must_come(ChatNotation notation) {
    assertThat(accepts(notation, "none", TOOLS + SCHEMA + ",\"tool_choice\":\"none\"", ONCE))
        .isTrue();
    assertThat(accepts(notation, "none", TOOLS + SCHEMA + ",\"tool_choice\":\"required\"", ONCE))
        .isFalse();
  }
}
