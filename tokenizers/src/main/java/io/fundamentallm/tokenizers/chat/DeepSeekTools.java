package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import java.util.ArrayList;
import java.util.List;

/**
 * DeepSeek's templates of V3, R1 and V3.1 write calls and their results, but leave it to the
 * application to tell of the tools, behind the system message. The words are those of V3.1's card;
 * for V3 and R1 they are ours: the same with their notation. Unlike in the card, the notation's
 * special tokens are plain text there, as in any message.
 */
final class DeepSeekTools {
  private static final String BEFORE = "## Tools\nYou have access to the following tools:\n";

  private static final String FORMAT =
      "\nIMPORTANT: ALWAYS adhere to this exact format for tool use:\n<｜tool▁calls▁begin｜>%s"
          + "{additional_tool_calls}<｜tool▁calls▁end｜>\n\n"
          + "Where:\n"
          + "- `tool_call_name` must be an exact match to one of the available tools\n"
          + "- `tool_call_arguments` must be valid JSON that strictly follows the tool's Parameters"
          + " Schema\n"
          + "- For multiple tool calls, chain them %s";

  private DeepSeekTools() {}

  /** The prompt with its tools told of, and calls and results left as they are. */
  static ChatPrompt told(ChatPrompt prompt, ChatNotation notation) {
    if (prompt.tools().isEmpty()) {
      return prompt;
    }
    StringBuilder text = new StringBuilder(BEFORE);
    for (ChatTool tool : prompt.tools()) {
      text.append("\n### ").append(tool.name());
      text.append("\nDescription: ").append(tool.description());
      String parameters = TemplateJson.text(TemplateInput.value(tool.schema()));
      text.append("\n\nParameters: ").append(parameters).append('\n');
    }
    text.append(
        notation == ChatNotation.DEEPSEEK_V31
            ? FORMAT.formatted(
                "<｜tool▁call▁begin｜>tool_call_name<｜tool▁sep｜>tool_call_arguments<｜tool▁call▁end｜>",
                "directly without separators or spaces")
            : FORMAT.formatted(
                "<｜tool▁call▁begin｜>function<｜tool▁sep｜>tool_call_name\n```json\n"
                    + "tool_call_arguments\n```<｜tool▁call▁end｜>",
                "with a newline as separator"));
    List<ChatMessage> turns = new ArrayList<>(prompt.messages());
    boolean system = !turns.isEmpty() && turns.get(0).role().equals("system");
    if (system) {
      turns.set(0, ChatMessage.system(turns.get(0).content() + "\n\n" + text));
    } else {
      turns.add(0, ChatMessage.system(text.toString()));
    }
    return prompt.toBuilder().messages(turns).build();
  }
}
