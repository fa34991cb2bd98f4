package io.fundamentallm.jsonschemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.fixtures.script.AnswerMatrix;
import io.fundamentallm.fixtures.script.AnswerMatrix.Answer;
import io.fundamentallm.fixtures.script.AnswerMatrix.Cell;
import io.fundamentallm.fixtures.script.AnswerMatrix.Format;
import io.fundamentallm.fixtures.script.AnswerMatrix.Thinking;
import io.fundamentallm.fixtures.script.AnswerMatrix.Tools;
import io.fundamentallm.fixtures.script.ScriptedChat;
import io.fundamentallm.fixtures.script.ScriptedChat.Kind;
import io.fundamentallm.fixtures.script.ScriptedChat.Template;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ToolChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thinking × format × tools, through {@link TextGenerator#chat(ChatPrompt)}. */
class AnswerMatrixTest {
  private static final String ANY_OBJECT = "{\"type\":\"object\",\"additionalProperties\":true}";

  @TempDir Path folder;
  private final Map<String, TextGenerator> generators = new HashMap<>();

  private TextGenerator generator(Template template, Kind kind) {
    String name = template + "-" + kind;
    return generators.computeIfAbsent(
        name, its -> ScriptedChat.load(ScriptedChat.write(folder.resolve(its), template, kind)));
  }

  private Answer ask(Cell cell) {
    ChatPrompt.Builder prompt = ChatPrompt.builder(List.of(ChatMessage.user(cell.message())));
    if (cell.format() != Format.NONE) {
      prompt.answerSchema(cell.format() == Format.SCHEMA ? AnswerMatrix.SCHEMA : ANY_OBJECT);
    }
    if (cell.tools() != Tools.NONE) {
      prompt.tools(List.of(new ChatTool(AnswerMatrix.TOOL, "Says it.", AnswerMatrix.SCHEMA)));
    }
    if (cell.tools() == Tools.FORCED) {
      prompt.toolChoice(ToolChoice.required(AnswerMatrix.TOOL));
    }
    if (cell.thinking() != Thinking.FREE) {
      prompt.thinkingBudget(cell.thinking() == Thinking.NONE ? 0 : AnswerMatrix.BUDGET);
    }
    ChatAnswer answer = generator(cell.template(), cell.kind()).chat(prompt.build());
    if (!cell.streamed()) {
      ChatMessage message = answer.message();
      return new Answer(
          message.content(),
          message.thinking(),
          message.toolCalls().stream().map(call -> call.name() + " " + call.arguments()).toList(),
          List.of());
    }
    List<ChatPart> parts = new ArrayList<>();
    answer.forEachRemaining(parts::add);
    StringBuilder text = new StringBuilder();
    StringBuilder thinking = new StringBuilder();
    List<StringBuilder> calls = new ArrayList<>();
    List<String> pieces = new ArrayList<>();
    for (ChatPart part : parts) {
      if (part instanceof ChatPart.Text more) {
        text.append(more.text());
        pieces.add(more.text());
      } else if (part instanceof ChatPart.Thinking more) {
        thinking.append(more.text());
        pieces.add(more.text());
      } else if (part instanceof ChatPart.CallBegin call) {
        calls.add(new StringBuilder(call.name() + " "));
      } else if (part instanceof ChatPart.CallArguments more) {
        calls.get(more.index()).append(more.json());
        pieces.add(more.json());
      }
    }
    return new Answer(
        text.toString(),
        thinking.toString(),
        calls.stream().map(StringBuilder::toString).collect(Collectors.toList()),
        pieces);
  }

  @Test
  void whatever_is_asked_for_together_is_what_comes() {
    List<Cell> cells = AnswerMatrix.cells();
    assertThat(cells).hasSizeGreaterThan(600);
    assertThat(AnswerMatrix.failures(cells, this::ask)).isEmpty();
  }

  @Test
  void without_a_template_the_error_says_so() {
    for (Kind kind : Kind.values()) {
      assertThatThrownBy(
              () ->
                  generator(Template.NONE, kind)
                      .chat(ChatPrompt.of(List.of(ChatMessage.user("?")))))
          .hasMessageContaining("no chat template");
    }
  }
}
