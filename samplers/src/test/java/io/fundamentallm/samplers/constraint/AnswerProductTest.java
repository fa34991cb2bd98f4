package io.fundamentallm.samplers.constraint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Thinking × its budget × a schema × tools, in every notation, with markers that are special tokens
 * and markers that are text, from a model without training that likes to write look-alikes.
 */
class AnswerProductTest {
  private static final String SCHEMA =
      "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"maxLength\":30},"
          + "\"b\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":20},\"maxItems\":2}},"
          + "\"required\":[\"a\"],\"additionalProperties\":false}";
  private static final List<ChatTool> TOOLS = List.of(new ChatTool("say", "", SCHEMA));
  private static final int BUDGET = 6;

  private static List<String> markers(ChatSyntax syntax) {
    List<String> markers =
        new ArrayList<>(List.of(syntax.thinkingOpen(), syntax.thinkingClose(), syntax.close()));
    markers.addAll(syntax.open());
    markers.addAll(syntax.silent());
    markers.removeIf(String::isBlank);
    return markers.stream().distinct().toList();
  }

  /** Goes on with a marker that was begun, begins one now and then, and is random otherwise. */
  private static ToyModel.Scores mischief(MarkedPieces tokenizer, List<String> markers, int seed) {
    return (tokens, length, row) -> {
      Randomness noise = new Randomness(seed, length);
      for (int token = 0; token < row.length; token++) {
        row[token] = (float) (noise.uniform(token, 0) * 2 - 1);
      }
      row[tokenizer.end()] += 1;
      for (int b = 0x80; b < 256; b++) {
        row[b] -= 3;
      }
      String written =
          tokenizer.written(
              Arrays.stream(tokens, Math.max(0, length - 40), length).boxed().toList());
      for (String marker : markers) {
        for (int begun = 0; begun < marker.length(); begun++) {
          if (written.endsWith(marker.substring(0, begun))) {
            byte next = marker.substring(begun).getBytes(UTF_8)[0];
            row[next & 0xFF] += begun == 0 ? 1 : 4;
          }
        }
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void each_part_is_where_it_belongs(ChatNotation notation) {
    ChatSyntax syntax = ChatSyntax.named(notation.id());
    List<String> markers = markers(syntax);
    List<String> special = new ArrayList<>(List.of("</s>"));
    markers.stream().filter(marker -> !marker.contains(" ")).forEach(special::add);
    int ended = 0;
    for (List<String> tokens : List.of(List.of("</s>"), special)) {
      for (String begin : List.of("", syntax.thinkingOpen())) {
        MarkedPieces tokenizer = new MarkedPieces(tokens, MarkedPieces.template(begin, true));
        for (boolean schema : new boolean[] {false, true}) {
          for (boolean tools : new boolean[] {false, true}) {
            for (int budget : new int[] {-1, 0, BUDGET}) {
              for (int seed = 0; seed < 2; seed++) {
                ended += answer(tokenizer, notation, schema, tools, budget, seed) ? 1 : 0;
              }
            }
          }
        }
      }
    }
    assertThat(ended).as("answers that ended").isGreaterThan(10);
  }

  private static boolean answer(
      MarkedPieces tokenizer,
      ChatNotation notation,
      boolean schema,
      boolean tools,
      int budget,
      int seed) {
    ChatSyntax syntax = ChatSyntax.named(notation.id());
    ChatPrompt.Builder prompt =
        ChatPrompt.builder(List.of(ChatMessage.user("?"))).notation(notation);
    if (schema) {
      prompt.answerSchema(SCHEMA);
    }
    boolean both =
        !syntax.onlyFirst()
            && Set.of(ChatSyntax.Values.JSON, ChatSyntax.Values.TAGGED)
                .contains(syntax.call().values());
    if (tools && (both || !schema)) {
      prompt.tools(TOOLS);
    }
    if (budget >= 0) {
      prompt.thinkingBudget(budget);
    }
    ToyModel model =
        new ToyModel(
            ToyModel.info(tokenizer.vocabulary().size(), 4096)
                .endTokens(Set.of(tokenizer.end()))
                .build(),
            mischief(tokenizer, markers(syntax), seed));
    ChatAnswer answer =
        TextGenerator.of(tokenizer, model)
            .withSampler("temperature=1")
            .withSeed(seed)
            .withMaxNewTokens(400)
            .chat(prompt.build());
    ChatMessage message = answer.message();
    String where =
        "schema %s, tools %s, budget %d, seed %d, %s"
            .formatted(schema, tools, budget, seed, message);
    if (budget == 0) {
      assertThat(message.thinking()).as(where).isEmpty();
    }
    for (ChatToolCall call : message.toolCalls()) {
      assertThat(call.name()).as(where).isEqualTo("say");
      assertThat(Json.object(call.arguments()).get("a")).as(where).isInstanceOf(String.class);
    }
    if (answer.generation().finishReason() != FinishReason.END_TOKEN) {
      return false;
    }
    if (schema && message.toolCalls().isEmpty()) {
      assertThat(Json.object(message.content()).get("a")).as(where).isInstanceOf(String.class);
    }
    return true;
  }
}
