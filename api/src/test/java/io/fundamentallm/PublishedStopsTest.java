package io.fundamentallm;

import static io.fundamentallm.PublishedCase.flag;
import static io.fundamentallm.PublishedCase.integer;
import static io.fundamentallm.PublishedCase.ints;
import static io.fundamentallm.PublishedCase.real;
import static io.fundamentallm.PublishedCase.text;
import static io.fundamentallm.PublishedCase.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.StopCondition;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.text.Detokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Stops, streaming and full contexts as other systems' own tests have them. */
class PublishedStopsTest {
  /** GPT-2's and OPT's rule for what may be a token, near enough: a word is one. */
  private static final Pattern WORDS =
      Pattern.compile("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+");

  @Test
  void published_cases_hold() {
    PublishedCase.checkAll(
        Set.of("stop", "streaming"),
        Map.of(
            "hf eos_token", PublishedStopsTest::endToken,
            "hf max_length", PublishedStopsTest::maxLength,
            "hf max_time", PublishedStopsTest::maxTime,
            "hf stop_strings", PublishedStopsTest::stopsAtThisStep,
            "hf stop_string_token_positions", PublishedStopsTest::positions,
            "vllm stop_strings", PublishedStopsTest::stopAndStopToken,
            "vllm stop_strings_min_tokens", PublishedStopsTest::textUpToTheStop,
            "vllm stop_strings_truncation", PublishedStopsTest::textUpToTheStop,
            "vllm repetition_detection", PublishedStopsTest::repetition,
            "llama.cpp utf8_complete", PublishedStopsTest::completeCodePoint));
    PublishedCase.checkAll(
        Set.of("context"), Map.of("closed-form context_shift", PublishedStopsTest::contextShift));
  }

  private static Generation model(DecodingOptions options, int[] end, int... script) {
    ToyModel model =
        new ToyModel(
            ToyModel.info(1000, script.length + 1).endTokens(boxed(end)).build(),
            ToyModel.scripted(1, script));
    return Decoders.sampling().decode(model, new int[] {0}, options);
  }

  private static Set<Integer> boxed(int[] tokens) {
    return Set.copyOf(Arrays.stream(tokens).boxed().toList());
  }

  private static DecodingOptions.Builder greedy() {
    return DecodingOptions.builder().sampler(Samplers.greedy());
  }

  private static @Nullable String endToken(PublishedCase one) {
    Generation generation =
        model(greedy().build(), ints(one.params().get("eos")), integer(one.input(), "last_token"));
    generation.next();
    assertThat(generation.hasEnded()).isEqualTo(flag(one.expected(), "stop"));
    return null;
  }

  /** Hugging Face's maximum counts the prompt, here of one token; ours does not. */
  private static @Nullable String maxLength(PublishedCase one) {
    int max = integer(one.params(), "max_length") - 1;
    Generation generation =
        model(greedy().maxNewTokens(max).build(), new int[0], new int[Math.max(max, 1)]);
    int generated = 0;
    while (generated < integer(one.input(), "sequence_length") - 1 && generation.hasNext()) {
      generation.next();
      generated++;
    }
    assertThat(generation.hasEnded()).isEqualTo(flag(one.expected(), "stop"));
    return null;
  }

  private static @Nullable String maxTime(PublishedCase one) {
    double limit = real(one.params(), "max_time_s");
    double elapsed = real(one.input(), "elapsed_s");
    // time that is not over must not be over on a busy machine either
    double scale = elapsed > limit ? 1 : 1000;
    Duration duration = Duration.ofNanos((long) (limit * scale * 1e9));
    Generation generation = model(greedy().timeLimit(duration).build(), new int[0], 1, 2, 3);
    generation.next();
    long end = System.nanoTime() + (long) (elapsed * 1e9);
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
    boolean over = !generation.hasNext();
    assertThat(over).isEqualTo(flag(one.expected(), "stop"));
    if (over) {
      assertThat(generation.finishReason()).isEqualTo(FinishReason.TIME_LIMIT);
    }
    return null;
  }

  /**
   * Hugging Face asks at each step anew whether the text ends with a stop string, or would within
   * the last token: so also whether a text that begins at any token would end with this one.
   */
  private static @Nullable String stopsAtThisStep(PublishedCase one) {
    String text = text(one.input(), "generated_text");
    List<String> single =
        Pattern.compile("'([^']*)' is one token")
            .matcher(String.valueOf(one.input().get("tokenisation")))
            .results()
            .map((MatchResult match) -> match.group(1))
            .toList();
    List<String> pieces =
        single.contains(text)
            ? List.of(text)
            : text.codePoints().mapToObj(Character::toString).toList();
    boolean stops = false;
    for (int from = 0; from < pieces.size(); from++) {
      stops |=
          stopsWithTheLast(
              pieces.subList(from, pieces.size()), texts(one.params(), "stop_strings"));
    }
    assertThat(stops).isEqualTo(flag(one.expected(), "stop"));
    return null;
  }

  private static boolean stopsWithTheLast(List<String> pieces, List<String> stops) {
    Pieces tokens = Pieces.of(pieces);
    Generation generation = tokens.write(tokens.options().stopStrings(stops).build());
    long count = generation.stream().count();
    return count == pieces.size() && generation.finishReason() == FinishReason.STOP_STRING;
  }

  /**
   * A token may stand in a stop string so that so many characters of it follow, or complete it with
   * so many of its own.
   */
  private static @Nullable String positions(PublishedCase one) {
    String stop = text(one.params(), "stop_string");
    String token = text(one.input(), "token_text");
    List<Integer> inside = new ArrayList<>();
    List<Integer> ending = new ArrayList<>();
    for (int rest = stop.length() - 1; rest >= 1; rest--) {
      String before = stop.substring(0, Math.max(0, stop.length() - rest - token.length()));
      String after = stop.substring(stop.length() - rest);
      if (stopsWithTheLast(nonEmpty(before, token, after), List.of(stop))) {
        inside.add(rest);
      }
    }
    for (int overlap = stop.length(); overlap >= 1; overlap--) {
      String before = stop.substring(0, stop.length() - overlap);
      if (stopsWithTheLast(nonEmpty(before, token), List.of(stop))) {
        ending.add(overlap);
      }
    }
    assertThat(inside).containsExactlyInAnyOrder(boxedList(one, "internal_positions_from_end"));
    assertThat(ending).containsExactlyInAnyOrder(boxedList(one, "end_overlap_lengths"));
    return null;
  }

  private static List<String> nonEmpty(String... texts) {
    return Stream.of(texts).filter(text -> !text.isEmpty()).toList();
  }

  private static Integer[] boxedList(PublishedCase one, String key) {
    return Arrays.stream(ints(one.expected().get(key))).boxed().toArray(Integer[]::new);
  }

  private static @Nullable String stopAndStopToken(PublishedCase one) {
    List<String> pieces = texts(one.input(), "pieces");
    Pieces tokens = Pieces.of(pieces);
    DecodingOptions.Builder options =
        tokens
            .options()
            .stopStrings(texts(one.params(), "stop_strings"))
            .includeStop(flag(one.params(), "include_stop_in_output"));
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i).endsWith("(stop token)")) {
        options.stopTokens(Set.of(i));
      }
    }
    assertText(one, tokens.write(options.build()));
    return null;
  }

  private static @Nullable String textUpToTheStop(PublishedCase one) {
    Pieces tokens =
        Pieces.of(
            WORDS
                .matcher(text(one.input(), "generated_text"))
                .results()
                .map((MatchResult match) -> match.group())
                .toList());
    DecodingOptions.Builder options =
        tokens
            .options()
            .stopStrings(texts(one.params(), "stop_strings"))
            .includeStop(flag(one.params(), "include_stop_in_output"));
    if (one.params().containsKey("min_tokens")) {
      options.minNewTokens(integer(one.params(), "min_tokens"));
    }
    assertText(one, tokens.write(options.build()));
    return null;
  }

  private static void assertText(PublishedCase one, Generation generation) {
    assertThat(generation.text()).isEqualTo(text(one.expected(), "text"));
    if (one.expected().containsKey("reported_stop")) {
      Object reported = one.expected().get("reported_stop");
      assertThat(generation.sequences().get(0).matchedStop().orElse(null)).isEqualTo(reported);
    }
  }

  /**
   * A size of nothing is vLLM's way to say that nothing is to be detected; ours is no condition.
   */
  private static @Nullable String repetition(PublishedCase one) {
    int max = integer(one.params(), "max_pattern_size");
    int min = Math.max(1, integer(one.params(), "min_pattern_size"));
    int count = integer(one.params(), "min_count");
    if (max < min || count < 2) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> StopCondition.repetition(min, max, count));
      assertThat(flag(one.expected(), "stop")).isFalse();
      return null;
    }
    TokenBuffer history = TokenBuffer.ofPrompt(0);
    for (int token : ints(one.input().get("tokens"))) {
      history.append(token);
    }
    assertThat(StopCondition.repetition(min, max, count).isMet(history))
        .isEqualTo(flag(one.expected(), "stop"));
    return null;
  }

  /** What is malformed is shown as U+FFFD, which is no code point that the bytes end on. */
  private static @Nullable String completeCodePoint(PublishedCase one) {
    Detokenizer text = ByteTokenizer.plain().detokenizer();
    StringBuilder shown = new StringBuilder();
    for (byte b : HexFormat.of().parseHex(text(one.input(), "bytes_hex"))) {
      shown.append(text.append(b & 0xFF));
    }
    boolean complete = text.finish().isEmpty() && shown.indexOf("\uFFFD") < 0;
    assertThat(complete).isEqualTo(flag(one.expected(), "ends_on_complete_code_point"));
    return null;
  }

  private static @Nullable String contextShift(PublishedCase one) {
    int tokens = integer(one.input(), "n_tokens");
    if (tokens != integer(one.input(), "n_ctx") || integer(one.params(), "n_discard") != 0) {
      return "a context that is not full, or a part to drop that is not half, cannot be asked for";
    }
    int keep = integer(one.params(), "n_keep");
    int[] context = new int[tokens + 1]; // the new token, and those that fill the context
    Arrays.setAll(context, i -> i);
    ModelInfo model = ToyModel.info(tokens + 1, tokens).build();
    int discarded = integer(one.expected(), "discarded");
    assertThat(ContextPolicy.attentionSinks(keep).onFull(context, model))
        .isEqualTo(new ContextPolicy.Evict(keep, keep + discarded));
    int[] kept = ((ContextPolicy.Reread) ContextPolicy.slide(keep).onFull(context, model)).tokens();
    assertThat(kept).hasSize(integer(one.expected(), "remaining") + 1);
    assertThat(kept[integer(one.expected(), "kept_head")]).isEqualTo(keep + discarded);
    assertThat(kept[kept.length - 1]).isEqualTo(tokens);
    return null;
  }
}
