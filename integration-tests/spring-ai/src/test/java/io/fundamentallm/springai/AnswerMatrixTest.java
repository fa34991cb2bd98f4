package io.fundamentallm.springai;

import static java.util.Objects.requireNonNullElse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.script.AnswerMatrix;
import io.fundamentallm.fixtures.script.AnswerMatrix.Answer;
import io.fundamentallm.fixtures.script.AnswerMatrix.Cell;
import io.fundamentallm.fixtures.script.AnswerMatrix.Format;
import io.fundamentallm.fixtures.script.AnswerMatrix.Thinking;
import io.fundamentallm.fixtures.script.AnswerMatrix.Tools;
import io.fundamentallm.fixtures.script.ScriptedChat;
import io.fundamentallm.fixtures.script.ScriptedChat.Kind;
import io.fundamentallm.fixtures.script.ScriptedChat.Template;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;

/** Thinking × format × tools, asked by Spring AI's prompts. */
class AnswerMatrixTest {
  private static final String ANY_OBJECT = "{\"type\":\"object\",\"additionalProperties\":true}";

  private static final ToolCallback TOOL =
      new ToolCallback() {
        @Override
        public ToolDefinition getToolDefinition() {
          return ToolDefinition.builder()
              .name(AnswerMatrix.TOOL)
              .description("Says it.")
              .inputSchema(AnswerMatrix.SCHEMA)
              .build();
        }

        @Override
        public String call(String input) {
          throw new AssertionError("models do not call");
        }
      };

  @TempDir Path folder;
  private final Map<String, TextGenerator> generators = new HashMap<>();

  private TextGenerator generator(Template template, Kind kind) {
    return generators.computeIfAbsent(
        template + "-" + kind,
        its -> ScriptedChat.load(ScriptedChat.write(folder.resolve(its), template, kind)));
  }

  private static Prompt prompt(Cell cell) {
    FundamentaLlmChatOptions.Builder options = FundamentaLlmChatOptions.builder();
    if (cell.format() != Format.NONE) {
      options.outputSchema(cell.format() == Format.SCHEMA ? AnswerMatrix.SCHEMA : ANY_OBJECT);
    }
    if (cell.tools() != Tools.NONE) {
      options.toolCallbacks(List.of(TOOL));
    }
    if (cell.tools() == Tools.FORCED) {
      options.toolChoice("required");
    }
    if (cell.thinking() != Thinking.FREE) {
      options.thinkingBudget(cell.thinking() == Thinking.NONE ? 0 : AnswerMatrix.BUDGET);
    }
    return new Prompt(cell.message(), options.build());
  }

  private static Answer answer(String text, AssistantMessage message, List<String> pieces) {
    return new Answer(
        text,
        requireNonNullElse((String) message.getMetadata().get("reasoningContent"), ""),
        message.getToolCalls().stream().map(call -> call.name() + " " + call.arguments()).toList(),
        pieces);
  }

  private Answer ask(Cell cell) {
    FundamentaLlmChatModel model =
        FundamentaLlmChatModel.of(generator(cell.template(), cell.kind()));
    if (!cell.streamed()) {
      AssistantMessage message = model.call(prompt(cell)).getResult().getOutput();
      return answer(requireNonNullElse(message.getText(), ""), message, List.of());
    }
    List<ChatResponse> responses = model.stream(prompt(cell)).collectList().block();
    List<String> pieces = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    StringBuilder thinking = new StringBuilder();
    for (int i = 0; i < responses.size(); i++) {
      String said = requireNonNullElse(responses.get(i).getResult().getOutput().getText(), "");
      text.append(said);
      pieces.add(said);
      String thought = responses.get(i).getResult().getMetadata().get("thinking");
      if (thought != null && i < responses.size() - 1) { // the last one has all of it
        thinking.append(thought);
        pieces.add(thought);
      }
    }
    AssistantMessage last = responses.get(responses.size() - 1).getResult().getOutput();
    Answer whole = answer(text.toString(), last, pieces);
    assertThat(thinking.toString()).isEqualTo(whole.thinking());
    List<String> calls =
        responses.stream()
            .flatMap(response -> response.getResult().getOutput().getToolCalls().stream())
            .map(call -> call.name() + " " + call.arguments())
            .toList();
    return new Answer(whole.content(), whole.thinking(), calls, pieces);
  }

  @Test
  void whatever_is_asked_for_together_is_what_comes() {
    assertThat(AnswerMatrix.failures(AnswerMatrix.cells(), this::ask)).isEmpty();
  }

  @Test
  void without_a_template_the_error_says_so() {
    for (Kind kind : Kind.values()) {
      assertThatThrownBy(() -> FundamentaLlmChatModel.of(generator(Template.NONE, kind)))
          .hasMessageContaining("no chat template");
    }
  }
}
