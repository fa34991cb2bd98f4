package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import java.util.List;

/**
 * Finds out what a template expects of a turn that calls a tool, by rendering one: with a dict a
 * template may fail, or write it as Python does; with text it may write the text in quotes; without
 * a content it may fail or leave the calls out; one that is beside thinking it may refuse. (The
 * idea is that of google/minja's capabilities.)
 */
final class TemplateTrial {
  private static final String NAME = "find_needle";
  private static final String KEY = "straw";

  private static final ChatToolCall CALL =
      new ChatToolCall("abcdefghi", NAME, "{\"" + KEY + "\": \"x\"}");

  private static final ChatPrompt PROMPT = prompt(ChatMessage.assistant("", List.of(CALL)));

  private static final ChatPrompt THOUGHTFUL =
      prompt(ChatMessage.assistant("h", List.of(CALL)).withThinking("i"));

  /** Renders a prompt in one of the forms. */
  interface Rendering {
    String render(ChatPrompt prompt, TemplateInput input);
  }

  private TemplateTrial() {}

  private static ChatPrompt prompt(ChatMessage calling) {
    return ChatPrompt.builder(
            List.of(
                ChatMessage.user("a"),
                calling,
                ChatMessage.tool(CALL, "b"),
                ChatMessage.assistant("c"),
                ChatMessage.user("d")))
        .tools(
            List.of(
                new ChatTool(
                    NAME,
                    "e",
                    "{\"type\": \"object\", \"properties\": {\"f\": {\"type\": \"string\","
                        + " \"description\": \"g\"}}, \"required\": [\"f\"]}")))
        .build();
  }

  static TemplateInput of(Rendering rendering) {
    TemplateInput form = form(rendering);
    TemplateInput oneText = new TemplateInput(form.argumentsAsText(), form.contentAsText(), true);
    boolean refused = !renders(rendering, form) && renders(rendering, oneText);
    return refused ? oneText : form;
  }

  private static boolean renders(Rendering rendering, TemplateInput input) {
    try {
      rendering.render(THOUGHTFUL, input);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static TemplateInput form(Rendering rendering) {
    TemplateInput accepted = null;
    for (boolean contentAsText : new boolean[] {false, true}) {
      for (boolean argumentsAsText : new boolean[] {false, true}) {
        TemplateInput input = new TemplateInput(argumentsAsText, contentAsText, false);
        String text;
        try {
          text = rendering.render(PROMPT, input);
        } catch (IllegalArgumentException e) {
          continue;
        }
        if (isUnderstood(text)) {
          return input;
        }
        accepted = accepted == null ? input : accepted; // it may leave calls out
      }
    }
    return accepted == null ? new TemplateInput(false, true, false) : accepted;
  }

  private static boolean isUnderstood(String text) {
    return text.contains(KEY)
        && text.contains(NAME)
        && !text.contains("None") // as Python writes that there is no content
        && !text.contains("'" + KEY + "'") // a dict as Python writes it
        && !text.contains("\\\"" + KEY); // text that became a string of JSON
  }
}
