package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import io.fundamentallm.text.ToolChoice;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What models without any training call, in every notation: known tools, with valid arguments. */
class ToolCallsTest {
  private static final List<String> MARKERS =
      List.of(
          "</s>",
          "<tool_call>",
          "</tool_call>",
          "<think>",
          "</think>",
          "<|python_tag|>",
          "[TOOL_CALLS]",
          "[ARGS]",
          "<｜tool▁calls▁begin｜>",
          "<｜tool▁calls▁end｜>",
          "<｜tool▁call▁begin｜>",
          "<｜tool▁call▁end｜>",
          "<｜tool▁sep｜>",
          "<|tool_call>",
          "<tool_call|>",
          "<|\"|>",
          "<start_function_call>",
          "<end_function_call>",
          "<escape>",
          "<|channel|>",
          "<|message|>",
          "<|start|>",
          "<|end|>",
          "<|constrain|>",
          "<|START_ACTION|>",
          "<|END_ACTION|>",
          "<|START_THINKING|>",
          "<|END_THINKING|>",
          "<|START_RESPONSE|>",
          "<|END_RESPONSE|>",
          "<|tool_call|>",
          "<|/tool_call|>",
          "<|tool_call_start|>",
          "<|tool_call_end|>",
          "<|channel>",
          "<channel|>",
          "<arg_key>",
          "</arg_key>",
          "<arg_value>",
          "</arg_value>",
          "｜DSML｜");

  private static final Map<String, String> SCHEMAS = new HashMap<>();

  static {
    SCHEMAS.put("none", "{}");
    SCHEMAS.put(
        "person",
        """
        {"type":"object","properties":{"name":{"type":"string","maxLength":12},
         "age":{"type":"integer","minimum":0,"maximum":150},
         "time":{"type":"string","format":"time"},"born":{"format":"date"}},
         "required":["name","age"],"additionalProperties":false}
        """);
    SCHEMAS.put(
        "person_list",
        """
        {"type":"object","properties":{"people":{"type":"array","minItems":1,"maxItems":3,"items":
         {"anyOf":[{"type":"number","minimum":-1.25,"exclusiveMaximum":100},
         {"enum":["a","b",null,true]},{"type":"string","pattern":"^[a-z]{2,5}(-[0-9]+)?$",
         "maxLength":9}]}}},"required":["people"]}
        """);
    SCHEMAS.put(
        "tree",
        """
        {"$defs":{"node":{"type":"object","properties":{"value":{"type":"integer"},
         "children":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/node"}}},
         "required":["value"]}},"type":"object","properties":{"root":{"$ref":"#/$defs/node"}},
         "required":["root"]}
        """);
    SCHEMAS.put(
        "both",
        """
        {"allOf":[{"type":"object","properties":{"a":{"type":"integer","multipleOf":7}},
         "required":["a"]},{"properties":{"a":{"minimum":0,"maximum":500},
         "b":{"type":"string","minLength":1,"maxLength":4}},"required":["b"]}]}
        """);
    SCHEMAS.put(
        "event.at-2",
        """
        {"type":"object","properties":{"id":{"format":"uuid"},"at":{"format":"date-time"},
         "n":{"type":"number","multipleOf":0.01,"minimum":0}},
         "additionalProperties":{"type":["boolean","null"]}}
        """);
    SCHEMAS.put(
        "shape",
        """
        {"oneOf":[{"type":"object","properties":{"kind":{"const":"circle"},
         "radius":{"type":"number","exclusiveMinimum":0}},"required":["kind","radius"]},
         {"type":"object","properties":{"kind":{"const":"square"},"side":{"type":"integer",
         "multipleOf":3,"minimum":0}},"required":["kind","side"]}]}
        """);
    SCHEMAS.put("free", "{\"type\":\"object\",\"additionalProperties\":true,\"maxProperties\":4}");
    SCHEMAS.put(
        "words",
        """
        {"type":"object","properties":{"to":{"type":"string","format":"date"},
         "text":{"type":"string","maxLength":40},"it's \\"odd\\": key":{"type":"boolean"},
         "tags":{"type":"array","items":{"enum":["it's","\\"x\\"","a:b","é\\n"]},"maxItems":3}},
         "required":["to","text"]}
        """);
    SCHEMAS.put(
        "deep",
        """
        {"type":"object","properties":{"deep":{"type":"object","properties":{"deeper":{
         "type":"array","items":{"type":"array","items":{"type":"number"},"maxItems":2},
         "maxItems":2}},"required":["deeper"]},"ip":{"format":"ipv4"},
         "price":{"type":"number","minimum":0.005,"maximum":0.0125}},
         "required":["deep","price"]}
        """);
  }

  static {
    SCHEMAS.put(
        "search",
        """
        {"$defs":{"unit":{"enum":["<=","°C",">"]}},"type":"object","properties":{
         "text":{"type":"string"},"unit":{"$ref":"#/$defs/unit"},
         "after":{"anyOf":[{"type":"string"},{"type":"null"}]},
         "limit":{"anyOf":[{"type":"integer","minimum":5,"maximum":9},{"type":"string",
         "minLength":1,"maxLength":3}]},
         "tags":{"type":"array","items":{"type":"string"},"maxItems":2},"any":{"type":"object"},
         "labels":{"properties":{"n":{"type":"integer"}},"type":"object",
         "additionalProperties":{"type":["string","null"]}}},"required":["text","unit","labels"]}
        """);
  }

  private static final List<ChatTool> TOOLS =
      SCHEMAS.entrySet().stream()
          .map(entry -> new ChatTool(entry.getKey(), "A tool.", entry.getValue()))
          .toList();

  private final Map<String, Schema> validators = new HashMap<>();
  private final Map<ChatNotation, Integer> byNotation = new EnumMap<>(ChatNotation.class);
  private int counted;
  private int texts;

  ToolCallsTest() {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    SCHEMAS.forEach((name, schema) -> validators.put(name, registry.getSchema(schema)));
  }

  private static List<ToolChoice> choices() {
    return List.of(ToolChoice.auto(), ToolChoice.required(), ToolChoice.required("person"));
  }

  @Test
  void every_call_is_known_and_valid() {
    callEverywhere(100);
  }

  @Test
  @Tag("long")
  void ten_thousand_calls_are_known_and_valid() {
    callEverywhere(10_000);
  }

  /** In each notation, with its markers as special tokens and as text, and with each choice. */
  private void callEverywhere(int calls) {
    int kinds = ChatNotation.values().length * 2 * (choices().size() - 1); // that have to call
    int kind = 0;
    for (ChatNotation notation : ChatNotation.values()) {
      for (boolean special : new boolean[] {true, false}) {
        MarkedPieces tokenizer =
            new MarkedPieces(
                special ? MARKERS : List.of("</s>"),
                MarkedPieces.template("", notation.id().length() % 2 == 0));
        for (ToolChoice choice : choices()) {
          boolean free = choice.mode() == ToolChoice.Mode.AUTO; // and seldom opens a call
          kind += free ? 0 : 1;
          int texts = 1 + calls / kinds / 10;
          // each kind has calls of its own, however many an answer of the kind before it held
          int enough = counted + calls * kind / kinds - calls * (kind - 1) / kinds;
          for (int seed = 0; free ? seed < texts : counted < enough; seed++) {
            call(tokenizer, notation, choice, seed);
          }
        }
      }
    }
    System.out.printf(
        "%d calls of untrained models are valid; %d characters of text beside them; %s%n",
        counted, texts, byNotation);
    assertThat(counted).isGreaterThanOrEqualTo(calls);
    assertThat(byNotation).containsOnlyKeys(ChatNotation.values());
    assertThat(byNotation.values())
        .as("calls in each notation")
        .allSatisfy(n -> assertThat(n).isPositive());
  }

  private void call(MarkedPieces tokenizer, ChatNotation notation, ToolChoice choice, int seed) {
    ChatPrompt prompt =
        ChatPrompt.builder(List.of(ChatMessage.user("Do something. " + seed)))
            .tools(TOOLS)
            .toolChoice(choice)
            .parallelToolCalls(seed % 2 == 0)
            .notation(notation)
            .build();
    ToyModel model =
        new ToyModel(
            ToyModel.info(tokenizer.vocabulary().size(), 8192)
                .endTokens(Set.of(tokenizer.end()))
                .build(),
            ToolCallsTest::untrained);
    try (TextGenerator generator =
        TextGenerator.of(tokenizer, model)
            .withSampler("temperature=2")
            .withSeed(seed)
            .withMaxNewTokens(choice.mode() == ToolChoice.Mode.AUTO ? 400 : 2500)) {
      String where = notation + ", end " + tokenizer.end() + ", " + choice + ", seed " + seed;
      check(generator.chat(prompt), prompt, notation, where);
    }
  }

  /** Logits that say nothing: in [-2, 2), by a hash of the place and the token before it. */
  private static void untrained(int[] tokens, int length, float[] row) {
    Randomness noise = new Randomness(tokens[length - 1], length);
    for (int token = 0; token < row.length; token++) {
      row[token] = (float) (noise.uniform(token, 0) * 4 - 2);
    }
  }

  private void check(ChatAnswer answer, ChatPrompt prompt, ChatNotation notation, String where) {
    ToolChoice choice = prompt.toolChoice();
    StringBuilder arguments = new StringBuilder();
    List<ChatToolCall> calls = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    int begun = 0;
    while (answer.hasNext()) {
      ChatPart part = answer.next();
      if (part instanceof ChatPart.CallBegin begin) {
        assertThat(SCHEMAS).as(where).containsKey(begin.name());
        assertThat(begin.index()).isEqualTo(begun++);
        arguments.setLength(0);
      } else if (part instanceof ChatPart.CallArguments more) {
        arguments.append(more.json());
      } else if (part instanceof ChatPart.CallEnd end) {
        assertThat(arguments.toString()).as(where).isEqualTo(end.call().arguments());
        calls.add(end.call());
      } else if (part instanceof ChatPart.Text more) {
        text.append(more.text());
      }
    }
    FinishReason finish = answer.generation().finishReason();
    ChatMessage message = answer.message();
    assertThat(message.toolCalls()).isEqualTo(calls);
    assertThat(message.content()).isEqualTo(text.toString());
    // ids are made anew, from the same seed
    assertThat(answer.messages()).as("read at once").containsExactly(message);
    if (finish == FinishReason.END_TOKEN) {
      assertThat(begun).as(where).isEqualTo(calls.size());
      assertThat(calls.size() > 0 || choice.mode() == ToolChoice.Mode.AUTO).as(where).isTrue();
    }
    assertThat(prompt.parallelToolCalls() || calls.size() <= 1).as(where).isTrue();
    for (ChatToolCall call : calls) {
      assertThat(choice.tool()).as(where).isIn("", call.name());
      assertThat(
              validators
                  .get(call.name())
                  .validate(
                      call.arguments(),
                      InputFormat.JSON,
                      context ->
                          context.executionConfig(config -> config.formatAssertionsEnabled(true))))
          .as(where + ": " + call)
          .isEmpty();
    }
    counted += calls.size();
    byNotation.merge(notation, calls.size(), Integer::sum);
    texts += text.length();
  }
}
