package io.fundamentallm.samplers.constraint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Samplers;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.ToolChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thinking has as many tokens as it may have, whether its markers are tokens or text. */
class ThinkingBudgetTest {
  static final MarkedPieces BEGUN =
      new MarkedPieces(
          List.of("</s>", "<think>", "</think>"), MarkedPieces.template("<think>\n", true));
  static final MarkedPieces BEGUN_AS_TEXT =
      new MarkedPieces(List.of("</s>"), MarkedPieces.template("<think>\n", true));
  static final MarkedPieces ALLOWED =
      new MarkedPieces(List.of("</s>", "<think>", "</think>"), MarkedPieces.template("", true));

  private static TextGenerator generator(MarkedPieces tokenizer, ToyModel.Scores scores) {
    ToyModel model =
        new ToyModel(
            ToyModel.info(tokenizer.vocabulary().size(), 2048)
                .endTokens(Set.of(tokenizer.end()))
                .build(),
            scores);
    return TextGenerator.of(tokenizer, model)
        .withSampler("temperature=2")
        .withSeed(1)
        .withMaxNewTokens(60);
  }

  /** Never closes its thinking by itself. */
  private static ToyModel.Scores endless() {
    return (tokens, length, row) -> {
      ToyModel.hashing().score(tokens, length, row);
      row['<'] = -100;
      for (int id = 256; id < row.length; id++) {
        row[id] = -100;
      }
    };
  }

  private static ChatPrompt.Builder prompt() {
    return ChatPrompt.builder(List.of(ChatMessage.user("?")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 30})
  void thinking_ends_after_exactly_so_many_tokens(int budget) {
    for (MarkedPieces tokenizer : List.of(BEGUN, BEGUN_AS_TEXT)) {
      ChatAnswer answer =
          generator(tokenizer, endless()).chat(prompt().thinkingBudget(budget).build());
      List<Integer> tokens = new ArrayList<>();
      Generation generation = answer.generation();
      generation.forEachRemaining(token -> tokens.add(token.id()));
      List<Integer> close = new ArrayList<>();
      for (int token : tokenizer.encode("</think>", SpecialTokens.all())) {
        close.add(token);
      }
      assertThat(tokens.subList(budget, budget + close.size())).isEqualTo(close);
      assertThat(tokenizer.written(tokens.subList(0, budget))).doesNotContain("</think>");
      assertThat(tokens).hasSize(60); // and then it answers
    }
  }

  @Test
  void thinking_that_ends_earlier_is_left_alone() {
    int[] script = BEGUN.encode("abc</think>Yes.</s>", SpecialTokens.all());
    int first = BEGUN.encode("user: ?\nassistant: <think>\n", SpecialTokens.all()).length;
    ChatMessage message =
        generator(BEGUN, ToyModel.scripted(first, script))
            .chat(prompt().thinkingBudget(7).build())
            .message();
    assertThat(message).isEqualTo(ChatMessage.assistant("Yes.").withThinking("abc"));
  }

  @Test
  void thinking_that_the_model_opens_is_counted_too() {
    int think = ALLOWED.encode("<think>", SpecialTokens.all())[0];
    int first = ALLOWED.encode("user: ?\nassistant: ").length;
    ToyModel.Scores endless = endless();
    ToyModel.Scores scores =
        (tokens, length, row) -> {
          endless.score(tokens, length, row);
          row[think] = length == first ? 100 : -100;
        };
    List<Integer> tokens = new ArrayList<>();
    generator(ALLOWED, scores)
        .chat(prompt().thinkingBudget(5).build())
        .generation()
        .forEachRemaining(token -> tokens.add(token.id()));
    assertThat(tokens.indexOf(think)).isZero();
    assertThat(tokens.indexOf(think + 1)).isEqualTo(6);
  }

  @Test
  void without_a_budget_for_it_thinking_never_begins() {
    int think = ALLOWED.encode("<think>", SpecialTokens.all())[0];
    ToyModel.Scores eager =
        (tokens, length, row) -> {
          ToyModel.hashing().score(tokens, length, row);
          row[think] = 100;
        };
    ChatAnswer answer = generator(ALLOWED, eager).chat(prompt().thinkingBudget(0).build());
    answer.generation().forEachRemaining(token -> assertThat(token.id()).isNotEqualTo(think));
  }

  @Test
  void a_required_call_comes_right_behind_the_thinking() {
    ChatPrompt prompt =
        prompt()
            .tools(
                List.of(new ChatTool("add", "", "{\"properties\":{\"a\":{\"type\":\"boolean\"}}}")))
            .toolChoice(ToolChoice.required())
            .thinkingBudget(4)
            .build();
    ChatMessage message = generator(BEGUN, endless()).chat(prompt).message();
    assertThat(message.toolCalls()).hasSize(1);
    assertThat(message.toolCalls().get(0).name()).isEqualTo("add");
    assertThat(message.thinking()).isNotEmpty();
  }

  /** What becomes of it if the model wants to write this text, and then the end token. */
  private static ChatMessage answer(MarkedPieces tokenizer, ChatPrompt prompt, String text) {
    return wanting(tokenizer, prompt, text).chat(prompt).message();
  }

  private static TextGenerator wanting(MarkedPieces tokenizer, ChatPrompt prompt, String text) {
    return wanting(tokenizer, prompt, text, 0);
  }

  /**
   * A model that writes this answer, as far as it is let.
   *
   * @param plain how many characters at its end have no special token
   */
  static TextGenerator wanting(MarkedPieces tokenizer, ChatPrompt prompt, String text, int plain) {
    int first =
        tokenizer.encode(tokenizer.chatTemplate().orElseThrow().segments(prompt, true)).length;
    ToyModel.Scores scores =
        (tokens, length, row) -> {
          Arrays.fill(row, 0);
          String written = tokenizer.written(Arrays.stream(tokens, first, length).boxed().toList());
          String rest = text.startsWith(written) ? text.substring(written.length()) : text;
          int[] next =
              tokenizer.encode(
                  rest, rest.length() > plain ? SpecialTokens.all() : SpecialTokens.none());
          row[rest.isEmpty() ? tokenizer.end() : next[0]] = 100;
        };
    return generator(tokenizer, scores).withSampler("greedy").withMaxNewTokens(200);
  }

  static final MarkedPieces TEXT_ALONE =
      new MarkedPieces(List.of("</s>"), MarkedPieces.template("", true));
  static final String TEXT_SCHEMA =
      "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"],\"additionalProperties\":false}";

  @Test
  void a_marker_within_a_document_opens_no_thinking() {
    ChatPrompt prompt = prompt().answerSchema(TEXT_SCHEMA).thinkingBudget(3).build();
    for (String document :
        List.of(
            "{\"text\": \"a <think> tag and more words\"}",
            "{\"text\": \"<think>\"}",
            "{\"text\": \"</think><tool_call>\"}")) {
      assertThat(answer(TEXT_ALONE, prompt, document)).isEqualTo(ChatMessage.assistant(document));
      assertThat(answer(TEXT_ALONE, prompt, "<think>a</think>" + document))
          .isEqualTo(ChatMessage.assistant(document).withThinking("a"));
    }
  }

  @Test
  void a_marker_within_arguments_opens_no_thinking() {
    ChatPrompt prompt =
        prompt().tools(List.of(new ChatTool("say", "", TEXT_SCHEMA))).thinkingBudget(2).build();
    String arguments = "{\"text\": \"a <think> tag and more words\"}";
    ChatMessage message =
        answer(
            TEXT_ALONE,
            prompt,
            "<tool_call>{\"name\": \"say\", \"arguments\": " + arguments + "}</tool_call>");
    assertThat(message.toolCalls()).hasSize(1);
    assertThat(message.toolCalls().get(0).arguments()).isEqualTo(arguments);
    assertThat(message.thinking()).isEmpty();
  }

  /** As SentencePiece: a space before the first word, which decoding takes away again. */
  @Test
  void a_tokenizer_that_puts_a_space_first_writes_the_marker_without_it() {
    for (int budget : new int[] {0, 2}) {
      ChatPrompt prompt = prompt().thinkingBudget(budget).build();
      MarkedPieces spaced =
          new MarkedPieces(List.of("</s>"), MarkedPieces.template("<think>\n", true)) {
            @Override
            public int[] encode(CharSequence text, SpecialTokens allowed) {
              return text.isEmpty() ? new int[0] : super.encode(" " + text, allowed);
            }

            @Override
            public int[] encode(List<ChatSegment> segments) {
              return encode(
                  segments.stream().map(ChatSegment::text).collect(Collectors.joining()),
                  SpecialTokens.none());
            }

            @Override
            public byte[] bytes(int token, int previous) {
              return previous < 0 && token == ' ' ? new byte[0] : bytes(token);
            }
          };
      List<Integer> tokens = new ArrayList<>();
      generator(spaced, endless())
          .chat(prompt)
          .generation()
          .forEachRemaining(token -> tokens.add(token.id()));
      assertThat(spaced.written(tokens.subList(budget, 60))).startsWith("</think>");
    }
  }

  @Test
  void a_vocabulary_that_cannot_write_the_marker_is_refused() {
    MarkedPieces without =
        new MarkedPieces(List.of("</s>"), MarkedPieces.template("<think>\n", true)) {
          @Override
          public byte[] bytes(int token) {
            return new String(super.bytes(token), ISO_8859_1).contains("<")
                ? new byte[] {'?'}
                : super.bytes(token);
          }
        };
    assertThatThrownBy(
            () -> generator(without, endless()).chat(prompt().thinkingBudget(4).build()).message())
        .hasMessageContaining("no tokens for the marker \"</think>\"")
        .hasMessageContaining("leave the thinking budget out");
  }

  @Test
  void a_fork_and_a_rollback_keep_the_count() {
    var recipe =
        Samplers.constraint(
            "chat-answer=\"{\\\"notation\\\":\\\"hermes\\\",\\\"thinking\\\":\\\"begun\\\",\\\"thinking_budget\\\":2}\"");
    var constraint =
        recipe.bind(
            io.fundamentallm.decoding.Binding.of(
                ToyModel.info(BEGUN.vocabulary().size(), 64).build(), BEGUN));
    int close = BEGUN.encode("</think>", SpecialTokens.all())[0];
    constraint.accept('a');
    var fork = constraint.fork();
    constraint.accept('b');
    assertThat(constraint.forced()).isEqualTo(close);
    assertThatThrownBy(() -> constraint.accept('c')).hasMessageContaining("budget of 2 is spent");
    constraint.rollback(1);
    assertThat(constraint.forced()).isNegative();
    fork.accept('c');
    fork.accept(close);
    fork.accept('d');
    assertThat(fork.forced()).isNegative();
  }

  @Test
  void a_notation_that_is_unknown_is_refused_with_the_names() {
    assertThatThrownBy(
            () -> Samplers.constraint("chat-answer=\"{\\\"notation\\\":\\\"klingon\\\"}\""))
        .hasMessageContaining("klingon");
    assertThatThrownBy(() -> ChatNotation.named("klingon")).hasMessageContaining("hermes");
  }
}
