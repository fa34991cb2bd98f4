package io.fundamentallm.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.ToolChoice;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What models write in each notation, taken apart. */
class ChatAnswerTest {
  private static final List<String> MARKERS =
      List.of(
          "<s>",
          "</s>",
          "<tool_call>",
          "</tool_call>",
          "<think>",
          "</think>",
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
          "<|channel>",
          "<channel|>",
          "<|tool_call_start|>",
          "<|tool_call_end|>",
          "<arg_key>",
          "</arg_key>",
          "<arg_value>",
          "</arg_value>",
          "｜DSML｜");

  static final ByteTokenizer MARKED = new ByteTokenizer(MARKERS);
  static final ByteTokenizer PLAIN = ByteTokenizer.withBeginAndEnd();
  private static final List<ChatTool> TOOLS =
      List.of(
          new ChatTool("add", "", "{}"),
          new ChatTool(
              "get-it",
              "",
              """
              {"$defs": {"unit": {"enum": ["c", "f"]}}, "properties": {"s": {"type": "string"},
               "n": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "u": {"$ref": "#/$defs/unit"},
               "i": {"type": ["integer", "string"]}}}
              """));

  /** What an answer is written as, and what it means: text, thinking, calls. */
  static Stream<Arguments> answers() {
    String add = "add {\"a\": 1}";
    return Stream.of(
        Arguments.of(
            ChatNotation.HERMES,
            "<think>\nHm.\n</think>\n\nLook: <tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\":"
                + " 1}}\n</tool_call>\n<tool_call>{\"arguments\": {\"x\": \"</tool_call>}\"}, \"name\":"
                + " \"get-it\"}</tool_call> Done.",
            "Look:Done.",
            "Hm.",
            List.of(add, "get-it {\"x\": \"</tool_call>}\"}")),
        Arguments.of(
            ChatNotation.LLAMA_JSON,
            "\n{\"name\": \"add\", \"parameters\": {\"a\": 1}}; {\"name\": \"get-it\", \"parameters\": {}}",
            "",
            "",
            List.of(add, "get-it {}")),
        Arguments.of(
            ChatNotation.LLAMA_JSON,
            "{\"names\": [1]} is {\"name\": no call",
            "{\"names\": [1]} is {\"name\": no call",
            "",
            List.of()),
        Arguments.of(
            ChatNotation.PYTHONIC,
            "[add(a=1), get-it(s='it\\'s \"x\"', l=[True, None, -1.5e3], d={'k': \"\\x41\\n\"})]",
            "",
            "",
            List.of(
                add,
                "get-it {\"s\": \"it's \\\"x\\\"\", \"l\": [true, null, -1.5e3], \"d\": {\"k\":"
                    + " \"\\u0041\\n\"}}")),
        Arguments.of(ChatNotation.PYTHONIC, "[adds(a=1)]", "[adds(a=1)]", "", List.of()),
        Arguments.of(
            ChatNotation.LFM2,
            "So: <|tool_call_start|>[add(a=1)]<|tool_call_end|>Yes",
            "So:Yes",
            "",
            List.of(add)),
        Arguments.of(
            ChatNotation.MISTRAL,
            "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {\"a\": 1}, \"id\": \"abcdefghi\"},"
                + " {\"name\": \"get-it\", \"arguments\": {}}]",
            "",
            "",
            List.of(add, "get-it {}")),
        Arguments.of(
            ChatNotation.MISTRAL_ARGS,
            "I add.[TOOL_CALLS]add[ARGS]{\"a\": 1}[TOOL_CALLS]get-it[ARGS]{\"s\": \"}{\"}",
            "I add.",
            "",
            List.of(add, "get-it {\"s\": \"}{\"}")),
        Arguments.of(
            ChatNotation.DEEPSEEK,
            "<think>Hm</think>So:\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n"
                + "```json\n{\"a\": 1}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>"
                + "get-it\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "So:",
            "Hm",
            List.of(add, "get-it {}")),
        Arguments.of(
            ChatNotation.DEEPSEEK_V31,
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 1}<｜tool▁call▁end｜>"
                + "<｜tool▁calls▁end｜>",
            "",
            "",
            List.of(add)),
        Arguments.of(
            ChatNotation.GEMMA,
            "<|channel>thought\nHm.<channel|><|tool_call>call:add{a:1}<tool_call|><|tool_call>"
                + "call:get-it{s:<|\"|>a\"{<|\"|>,l:[true,<|\"|>b<|\"|>],o:{k:null}}<tool_call|>",
            "",
            "Hm.",
            List.of(add, "get-it {\"s\": \"a\\\"{\", \"l\": [true, \"b\"], \"o\": {\"k\": null}}")),
        Arguments.of(
            ChatNotation.FUNCTION_GEMMA,
            "<start_function_call>call:get-it{s:<escape>a<b<escape>}<end_function_call>",
            "",
            "",
            List.of("get-it {\"s\": \"a<b\"}")),
        Arguments.of(
            ChatNotation.HARMONY,
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>"
                + "I add.<|end|><|start|>assistant<|channel|>commentary to=functions.add"
                + " <|constrain|>json<|message|>{\"a\": 1}",
            "I add.",
            "Hm.",
            List.of(add)),
        Arguments.of( // it may call from its analysis, too
            ChatNotation.HARMONY,
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>analysis"
                + " to=functions.add <|constrain|>json<|message|>{\"a\": 1}",
            "",
            "Hm.",
            List.of(add)),
        Arguments.of( // or name the tool in a message's header, as its template writes it
            ChatNotation.HARMONY,
            " to=functions.add<|channel|>commentary json<|message|>{\"a\": 1}",
            "",
            "",
            List.of(add)),
        Arguments.of(
            ChatNotation.HARMONY,
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant to=functions.add<|channel|>"
                + "commentary <|constrain|>json<|message|>{\"a\": 1}",
            "",
            "Hm.",
            List.of(add)),
        Arguments.of(
            ChatNotation.HARMONY,
            "<|channel|>final<|message|>It goes to=functions.add, to=functions",
            "It goes to=functions.add, to=functions",
            "",
            List.of()),
        Arguments.of(
            ChatNotation.HARMONY,
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes.",
            "Yes.",
            "Hm.",
            List.of()),
        Arguments.of(
            ChatNotation.COMMAND_R,
            "Action: ```json\n[\n    {\n        \"tool_name\": \"add\",\n        \"parameters\": {\"a\":"
                + " 1}\n    }\n]```",
            "",
            "",
            List.of(add)),
        Arguments.of(
            ChatNotation.COMMAND_R7B,
            "<|START_THINKING|>Hm.<|END_THINKING|><|START_ACTION|>[\n    {\"tool_call_id\": \"0\","
                + " \"tool_name\": \"add\", \"parameters\": {\"a\": 1}}\n]<|END_ACTION|>",
            "",
            "Hm.",
            List.of(add)),
        Arguments.of(
            ChatNotation.COMMAND_R7B,
            "<|START_RESPONSE|>Yes.<|END_RESPONSE|>",
            "Yes.",
            "",
            List.of()),
        Arguments.of(
            ChatNotation.PHI_4,
            "<|tool_call|>[{\"name\": \"add\", \"arguments\": {\"a\": 1}}]<|/tool_call|>",
            "",
            "",
            List.of(add)),
        Arguments.of(
            ChatNotation.GENERIC, " a < b <tool <think", " a < b <tool <think", "", List.of()));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource({"answers", "io.fundamentallm.chat.TaggedCallTest#answers"})
  void an_answer_comes_apart(
      ChatNotation notation, String written, String text, String thinking, List<String> calls) {
    for (ByteTokenizer tokenizer : List.of(MARKED, PLAIN)) {
      ChatMessage message = answer(tokenizer, notation, written, SpecialTokens.all()).message();
      assertThat(message.content()).isEqualTo(text);
      assertThat(message.thinking()).isEqualTo(thinking);
      assertThat(message.toolCalls().stream().map(call -> call.name() + " " + call.arguments()))
          .isEqualTo(calls);
      assertThat(message.toolCalls().stream().map(ChatToolCall::id))
          .doesNotHaveDuplicates()
          .allMatch(id -> id.matches("[a-z0-9]{9}"));
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource({"answers", "io.fundamentallm.chat.TaggedCallTest#answers"})
  void the_parts_are_the_answer(
      ChatNotation notation, String written, String text, String thinking, List<String> calls) {
    StringBuilder said = new StringBuilder();
    StringBuilder thought = new StringBuilder();
    StringBuilder arguments = new StringBuilder();
    ChatAnswer answer = answer(MARKED, notation, written, SpecialTokens.all());
    int call = 0;
    while (answer.hasNext()) {
      ChatPart part = answer.next();
      if (part instanceof ChatPart.Text more) {
        said.append(more.text());
      } else if (part instanceof ChatPart.Thinking more) {
        thought.append(more.text());
      } else if (part instanceof ChatPart.CallBegin begin) {
        assertThat(begin.index()).isEqualTo(call);
        arguments.setLength(0);
        arguments.append(begin.name()).append(' ');
      } else if (part instanceof ChatPart.CallArguments more) {
        arguments.append(more.json());
      } else if (part instanceof ChatPart.CallEnd) {
        assertThat(arguments.toString()).isEqualTo(calls.get(call++));
      }
    }
    assertThat(said.toString()).isEqualTo(text);
    assertThat(thought.toString()).isEqualTo(thinking);
    assertThat(call).isEqualTo(calls.size());
  }

  @Test
  void look_alikes_of_special_tokens_stay_text() {
    String written =
        "<think>a</think> <tool_call>{\"name\": \"add\", \"arguments\": {}}</tool_call>";
    ChatMessage message =
        answer(MARKED, ChatNotation.HERMES, written, SpecialTokens.none()).message();
    assertThat(message).isEqualTo(ChatMessage.assistant(written));
  }

  @Test
  void arguments_grow_with_the_tokens() {
    ChatAnswer answer =
        answer(
            MARKED,
            ChatNotation.MISTRAL_ARGS,
            "[TOOL_CALLS]add[ARGS]{\"a\": 1}",
            SpecialTokens.all());
    List<String> grown =
        Stream.generate(() -> answer.hasNext() ? answer.next() : null)
            .takeWhile(part -> part != null)
            .filter(ChatPart.CallArguments.class::isInstance)
            .map(part -> ((ChatPart.CallArguments) part).json())
            .toList();
    assertThat(grown).containsExactly("{", "\"", "a", "\"", ":", " ", "1", "}");
  }

  @Test
  void a_call_that_is_cut_off_is_left_out() {
    ChatMessage message =
        answer(
                MARKED,
                ChatNotation.HERMES,
                "Yes.<tool_call>{\"name\": \"add\", \"arguments\": {\"a\"",
                SpecialTokens.all())
            .message();
    assertThat(message).isEqualTo(ChatMessage.assistant("Yes."));
  }

  @Test
  void without_tools_calls_are_text_and_with_none_chosen_too() {
    String written = "[add(a=1)]";
    ChatPrompt without = ChatPrompt.of(List.of(ChatMessage.user("?")));
    ChatPrompt none =
        ChatPrompt.builder(List.of(ChatMessage.user("?")))
            .tools(TOOLS)
            .toolChoice(ToolChoice.none())
            .build();
    for (ChatPrompt prompt : List.of(without, none)) {
      Generation generation = generation(PLAIN, written, SpecialTokens.none());
      ChatAnswer answer =
          ChatAnswer.of(generation, PLAIN, prompt, ChatNotation.PYTHONIC, false, false);
      assertThat(answer.message()).isEqualTo(ChatMessage.assistant(written));
    }
  }

  @Test
  void thinking_that_the_prompt_began_goes_on() {
    Generation generation = generation(MARKED, "Hm.\n</think>\n\nYes.", SpecialTokens.all());
    ChatPrompt prompt = ChatPrompt.of(List.of(ChatMessage.user("?")));
    ChatAnswer answer = ChatAnswer.of(generation, MARKED, prompt, ChatNotation.HERMES, true, true);
    assertThat(answer.message()).isEqualTo(ChatMessage.assistant("Yes.").withThinking("Hm."));
  }

  @Test
  void a_marker_between_the_halves_of_a_character_leaves_it_whole() {
    int[] smile = MARKED.encode("😀");
    int[] close = MARKED.encode("</think>", SpecialTokens.all());
    int[] written =
        IntStream.of('H', smile[0], smile[1], close[0], smile[2], smile[3], 'A').toArray();
    ChatPrompt prompt = ChatPrompt.of(List.of(ChatMessage.user("?")));
    ChatAnswer answer =
        ChatAnswer.of(generation(MARKED, written), MARKED, prompt, ChatNotation.HERMES, true, true);
    assertThat(answer.next()).isEqualTo(new ChatPart.Thinking("H"));
    assertThat(answer.message()).isEqualTo(ChatMessage.assistant("A").withThinking("H😀"));
  }

  static ChatAnswer answer(
      ByteTokenizer tokenizer, ChatNotation notation, String written, SpecialTokens allowed) {
    ChatPrompt prompt = ChatPrompt.builder(List.of(ChatMessage.user("?"))).tools(TOOLS).build();
    return ChatAnswer.of(
        generation(tokenizer, written, allowed), tokenizer, prompt, notation, true, false);
  }

  /** A generation that writes this text. */
  static Generation generation(ByteTokenizer tokenizer, String written, SpecialTokens allowed) {
    return generation(tokenizer, tokenizer.encode(written, allowed));
  }

  private static Generation generation(ByteTokenizer tokenizer, int[] tokens) {
    int[] script = Arrays.copyOf(tokens, tokens.length + 1);
    script[tokens.length] = 257;
    int first = 2; // after the begin token and the prompt
    ToyModel model =
        new ToyModel(
            ToyModel.info(tokenizer.vocabulary().size(), 2048).endTokens(Set.of(257)).build(),
            ToyModel.scripted(first, script));
    return TextGenerator.of(tokenizer, model)
        .withSampler("greedy")
        .withMaxNewTokens(1000)
        .with(options -> options.continuesPrompt(false))
        .tokens("?");
  }
}
