package io.fundamentallm.oracles;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.tokenizers.chat.JinjaChatTemplate;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A model that writes calls just as its published template shows earlier ones is kept from nothing,
 * and its calls are read as what they were.
 */
class CallsAsShownTest {
  private static final ChatMessage QUESTION = ChatMessage.user("Is it cold? And what is the sum?");

  /** Of an argument that is an object whose names are free. */
  private static final String LABELS =
      "{\"type\": \"object\", \"properties\": {\"labels\": {\"type\": \"object\"}}}";

  /** A model that knows bytes, with a published template. */
  private record Templated(ByteTokenizer bytes, ChatTemplate template) implements Tokenizer {
    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      return bytes.encode(text, allowed);
    }

    @Override
    public byte[] bytes(int token) {
      return bytes.bytes(token);
    }

    @Override
    public void save(Path modelDirectory) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Vocabulary vocabulary() {
      return bytes.vocabulary();
    }

    @Override
    public Optional<ChatTemplate> chatTemplate() {
      return Optional.of(template);
    }
  }

  private static JinjaChatTemplate template(String name) throws Exception {
    try (var file = CallsAsShownTest.class.getResourceAsStream("/templates/" + name + ".jinja")) {
      String source = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return new JinjaChatTemplate(source, Map.of("bos_token", "<s>", "eos_token", "</s>"));
    }
  }

  /** The calls as the template writes them, with the marks around them. */
  private static String shown(JinjaChatTemplate template, ChatPrompt prompt, ChatMessage answer) {
    List<ChatMessage> turns = new ArrayList<>(prompt.messages());
    turns.add(answer);
    String text =
        template.segments(prompt.toBuilder().messages(turns).build(), false).stream()
            .map(ChatSegment::text)
            .collect(Collectors.joining());
    ChatSyntax syntax = ChatSyntax.named(template.notation().id());
    String close = syntax.close().isEmpty() ? syntax.call().after() : syntax.close();
    int question = text.indexOf(QUESTION.content());
    return text.substring(
        text.indexOf(syntax.open().get(0), question), text.lastIndexOf(close) + close.length());
  }

  @ParameterizedTest
  @CsvSource({
    "Qwen3-Coder, QWEN3_CODER",
    "Qwen3.5-4B, QWEN3_CODER",
    "GLM-4.6, GLM",
    "GLM-4.7-Flash, GLM",
    "zai-org-GLM-5.1, GLM",
    "deepseek-ai-DeepSeek-V3.1, DEEPSEEK_V31",
    "deepseek-ai-DeepSeek-V3.2, DEEPSEEK_V32",
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B, DEEPSEEK",
    "Qwen-Qwen3-0.6B, HERMES"
  })
  void a_call_as_the_template_shows_it_is_allowed_and_read(String name, ChatNotation notation)
      throws Exception {
    JinjaChatTemplate template = template(name);
    assertThat(template.notation()).isEqualTo(notation);
    ChatMessage calls =
        ChatMessage.assistant(
            "",
            List.of(
                new ChatToolCall(
                    "call00001", "get_weather", "{\"city\": \"<Köln>\\n\\\"a\\\"\", \"days\": 2}"),
                new ChatToolCall("call00002", "add", "{\"numbers\": [1, 2.5]}"),
                new ChatToolCall(
                    "call00003",
                    "label",
                    "{\"labels\": {\"a b\": 1, \"c-d\": {\"a b\": [null]}}}")));
    ChatPrompt conversation = Conversations.ALL.get("tools");
    List<ChatTool> tools = new ArrayList<>(conversation.tools());
    tools.add(new ChatTool("label", "Labels it.", LABELS));
    ChatPrompt prompt =
        conversation.toBuilder().tools(tools).messages(List.of(QUESTION)).thinkingBudget(0).build();
    String written = shown(template, prompt, calls);
    for (ByteTokenizer bytes :
        List.of(
            ByteTokenizer.withBeginAndEnd(),
            new ByteTokenizer(
                List.of(
                    "<s>",
                    "</s>",
                    "<tool_call>",
                    "</tool_call>",
                    "<arg_key>",
                    "</arg_key>",
                    "<arg_value>",
                    "</arg_value>",
                    "<｜tool▁calls▁begin｜>",
                    "<｜tool▁calls▁end｜>",
                    "<｜tool▁call▁begin｜>",
                    "<｜tool▁call▁end｜>",
                    "<｜tool▁sep｜>",
                    "｜DSML｜")))) {
      int[] script = bytes.encode(written + "</s>", SpecialTokens.all());
      int[] begin = {-1};
      ToyModel model =
          new ToyModel(
              ToyModel.info(bytes.vocabulary().size(), 1 << 15).endTokens(Set.of(257)).build(),
              (tokens, length, row) -> {
                Arrays.fill(row, 0);
                begin[0] = begin[0] < 0 ? length : begin[0];
                row[script[Math.min(length - begin[0], script.length - 1)]] = 100;
              });
      try (TextGenerator generator =
              TextGenerator.of(new Templated(bytes, template), model)
                  .withSampler("greedy")
                  .withMaxNewTokens(2_000);
          ChatAnswer answer = generator.chat(prompt)) {
        ChatMessage read = answer.message();
        List<Integer> tokens =
            answer.generation().sequences().get(0).tokens().stream().map(Token::id).toList();
        assertThat(bytes.decode(tokens.stream().mapToInt(Integer::intValue).toArray()))
            .isEqualTo(bytes.decode(script));
        assertThat(read.toolCalls().stream().map(call -> call.name() + call.arguments()))
            .isEqualTo(
                calls.toolCalls().stream().map(call -> call.name() + call.arguments()).toList());
      }
    }
  }
}
