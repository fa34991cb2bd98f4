package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNullElse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
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

/** Thinking × format × tools, asked by LangChain4j's requests. */
class AnswerMatrixTest {
  private static final JsonObjectSchema SCHEMA =
      JsonObjectSchema.builder()
          .addStringProperty("text")
          .required("text")
          .additionalProperties(false)
          .build();

  @TempDir Path folder;
  private final Map<String, TextGenerator> generators = new HashMap<>();

  private TextGenerator generator(Template template, Kind kind) {
    return generators.computeIfAbsent(
        template + "-" + kind,
        its -> ScriptedChat.load(ScriptedChat.write(folder.resolve(its), template, kind)));
  }

  private static ChatRequest request(Cell cell) {
    FundamentaLlmChatRequestParameters.Builder parameters =
        FundamentaLlmChatRequestParameters.builder();
    if (cell.format() != Format.NONE) {
      ResponseFormat.Builder format = ResponseFormat.builder().type(ResponseFormatType.JSON);
      parameters.responseFormat(
          cell.format() == Format.OBJECT
              ? format.build()
              : format
                  .jsonSchema(JsonSchema.builder().name("text").rootElement(SCHEMA).build())
                  .build());
    }
    if (cell.tools() != Tools.NONE) {
      parameters.toolSpecifications(
          ToolSpecification.builder().name(AnswerMatrix.TOOL).parameters(SCHEMA).build());
    }
    if (cell.tools() == Tools.FORCED) {
      parameters.toolChoice(ToolChoice.REQUIRED);
    }
    if (cell.thinking() != Thinking.FREE) {
      parameters.thinkingBudget(cell.thinking() == Thinking.NONE ? 0 : AnswerMatrix.BUDGET);
    }
    return ChatRequest.builder()
        .messages(UserMessage.from(cell.message()))
        .parameters(parameters.build())
        .build();
  }

  private static Answer answer(AiMessage message, List<String> pieces) {
    return new Answer(
        requireNonNullElse(message.text(), ""),
        requireNonNullElse(message.thinking(), ""),
        message.toolExecutionRequests().stream()
            .map(call -> call.name() + " " + call.arguments())
            .toList(),
        pieces);
  }

  private Answer ask(Cell cell) {
    TextGenerator generator = generator(cell.template(), cell.kind());
    if (!cell.streamed()) {
      return answer(
          FundamentaLlmChatModel.of(generator).chat(request(cell)).aiMessage(), List.of());
    }
    StringBuilder thought = new StringBuilder();
    StringBuilder arguments = new StringBuilder();
    List<String> others = new ArrayList<>();
    Received received =
        new Received() {
          @Override
          public void onPartialThinking(PartialThinking piece, PartialThinkingContext context) {
            thought.append(piece.text());
            others.add(piece.text());
          }

          @Override
          public void onPartialToolCall(PartialToolCall piece) {
            arguments.append(piece.partialArguments());
            others.add(piece.partialArguments());
          }
        };
    FundamentaLlmStreamingChatModel.of(generator).chat(request(cell), received);
    received.await();
    assertThat(received.errors).isEmpty();
    others.addAll(received.pieces);
    Answer whole = answer(received.response.aiMessage(), others);
    assertThat(String.join("", received.pieces)).isEqualTo(whole.content());
    assertThat(thought.toString()).isEqualTo(whole.thinking());
    if (!whole.calls().isEmpty()) {
      assertThat(AnswerMatrix.TOOL + " " + arguments).isEqualTo(whole.calls().get(0));
    }
    return whole;
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
