package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.LearningListener;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearnedTokenizersTest {
  private static final List<String> KINDS = List.of("bpe", "unigram", "wordpiece");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {300, 512, 1024, 4096})
  void bpe_of_tiny_shakespeare_is_that_of_hugging_face(int size) throws IOException {
    String corpus = LearnedKinds.tinyShakespeare();
    Path packed =
        Golden.folder().resolve("training/hf_bytelevel_tinyshakespeare_" + size + ".json.gz");
    Path file = Golden.unpack(packed, directory);
    Tokenizer reference = Tokenizers.load(file, LearnedKinds.REGISTRY);
    Tokenizer learned =
        learn("bpe(vocab-size=" + size + ",special-tokens=\"<|endoftext|>\")", List.of(corpus));

    assertThat(forms(learned)).isEqualTo(forms(reference)).hasSize(size);
    assertThat(learned.encode(corpus)).isEqualTo(reference.encode(corpus));
    assertThat(merges(learned)).isEqualTo(merges(reference)).hasSizeGreaterThan(size - 258);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 512",
    "499999, 512",
    "500000, 1024",
    "1999999, 1024",
    "2000000, 2048",
    "8000000, 4096",
    "1000000000000, 32768"
  })
  void auto_learns_twice_the_tokens_from_four_times_the_text(long characters, int tokens) {
    assertThat(AutoProvider.vocabularySize(characters)).isEqualTo(tokens);
  }

  @Test
  void auto_is_bpe_of_the_size_that_suits_the_texts() {
    Tokenizer auto = learn("auto", LearnedKinds.TEXTS);
    assertThat(forms(auto)).isEqualTo(forms(learn("bpe(vocab-size=512)", LearnedKinds.TEXTS)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> learn("auto(vocab-size=300)", LearnedKinds.TEXTS))
        .withMessageContaining("\"auto\" has no option \"vocab-size\"");
  }

  @Test
  void documents_are_learned_line_by_line() {
    for (String kind : KINDS) {
      List<String> lines = new ArrayList<>();
      LearnedKinds.TEXTS.forEach(text -> lines.addAll(text.lines().map(l -> l + "\n").toList()));
      String whole = String.join("", lines);
      assertThat(forms(learn(kind + "(vocab-size=290)", List.of(new StringBuilder(whole)))))
          .isEqualTo(forms(learn(kind + "(vocab-size=290)", lines)));
    }
  }

  @Test
  void the_same_texts_give_the_same_tokenizer() throws IOException {
    for (String kind : KINDS) {
      Path first = Files.createDirectories(directory.resolve(kind + 1));
      Path second = Files.createDirectories(directory.resolve(kind + 2));
      learn(kind, LearnedKinds.TEXTS).save(first);
      learn(kind, LearnedKinds.TEXTS).save(second);
      assertThat(first.resolve("tokenizer.json"))
          .hasSameBinaryContentAs(second.resolve("tokenizer.json"));
    }
  }

  /** transformers.js does not know {@code Nmt}, and reads a file without it. */
  @Test
  void a_unigram_writes_out_what_nmt_means() throws IOException {
    StringBuilder characters = new StringBuilder();
    for (int c = 1; c <= 0xFFFF; c++) {
      if (!Character.isSurrogate((char) c)) {
        characters.append("new").append((char) c).append("low ");
      }
    }
    Path ours = Files.createDirectories(directory.resolve("ours"));
    learn("unigram", LearnedKinds.TEXTS).save(ours);
    String file = Files.readString(ours.resolve("tokenizer.json"));
    Matcher types = Pattern.compile("\"normalizers\".*?]", Pattern.DOTALL).matcher(file);
    assertThat(types.find()).isTrue();
    assertThat(types.group()).doesNotContain("Nmt");

    Path named = Files.createDirectories(directory.resolve("named"));
    String nmt =
        file.replaceFirst(
            "(?s)(\"normalizers\"\\s*:\\s*\\[).*?(\\{\\s*\"type\"\\s*:\\s*\"NFKC\")",
            "$1{\"type\":\"Nmt\"},$2");
    assertThat(nmt).contains("\"Nmt\"").isNotEqualTo(file);
    Files.writeString(named.resolve("tokenizer.json"), nmt);
    assertThat(Tokenizers.load(ours, LearnedKinds.REGISTRY).encode(characters))
        .isEqualTo(Tokenizers.load(named, LearnedKinds.REGISTRY).encode(characters));
  }

  @Test
  void special_tokens_come_first_and_play_their_parts() {
    Vocabulary bpe = learn("bpe", LearnedKinds.TEXTS).vocabulary();
    assertThat(bpe.bos()).hasValue(0);
    assertThat(bpe.eos()).hasValue(1);
    assertThat(bpe.pad()).hasValue(2);
    assertThat(bpe.token(3)).isEqualTo("!");
    Vocabulary unigram = learn("unigram", LearnedKinds.TEXTS).vocabulary();
    assertThat(forms(unigram).subList(0, 4))
        .containsExactly("<unk>", "<|begin|>", "<|end|>", "<|pad|>");
    assertThat(unigram.unk()).hasValue(0);
    Vocabulary wordPiece = learn("wordpiece", LearnedKinds.TEXTS).vocabulary();
    assertThat(forms(wordPiece).subList(0, 5))
        .containsExactly("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
    assertThat(wordPiece.unk()).hasValue(1);
  }

  @Test
  void special_tokens_can_be_others_or_none() {
    Tokenizer others = learn("bpe(special-tokens=\"<s>, </s>,<x>\")", LearnedKinds.TEXTS);
    assertThat(forms(others).subList(0, 4)).containsExactly("<s>", "</s>", "<x>", "!");
    assertThat(others.vocabulary().bos()).hasValue(0);
    assertThat(others.encode("<x>", SpecialTokens.all())).containsExactly(2);
    Tokenizer chat = learn("bpe(special-tokens=\"<|im_start|>,<|im_end|>\")", LearnedKinds.TEXTS);
    assertThat(chat.vocabulary().eos()).hasValue(1);
    assertThat(learn("bpe(special=false)", LearnedKinds.TEXTS).vocabulary().special()).isEmpty();
    assertThat(learn("unigram(special=false)", LearnedKinds.TEXTS).vocabulary().special())
        .containsExactly(0);
    Tokenizer wordPiece = learn("wordpiece(special-tokens=\"[X]\")", LearnedKinds.TEXTS);
    assertThat(forms(wordPiece).subList(0, 2)).containsExactly("[UNK]", "[X]");
    assertThat(wordPiece.encode("low", adding()).ids()).isEqualTo(wordPiece.encode("low"));
  }

  @Test
  void a_special_token_that_occurs_in_the_text_is_one_token(@TempDir Path saved)
      throws IOException {
    for (String kind : KINDS) {
      Tokenizer learned = learn(kind + "(special-tokens=\"l,low\")", LearnedKinds.TEXTS);
      assertThat(forms(learned)).doesNotHaveDuplicates().contains("l", "low");
      learned.save(saved);
      assertThat(forms(Tokenizers.load(saved, LearnedKinds.REGISTRY))).isEqualTo(forms(learned));
    }
  }

  @Test
  void word_piece_puts_its_tokens_around_a_text() {
    Tokenizer learned = learn("wordpiece", LearnedKinds.TEXTS);
    int[] ids = learned.encode("Lowest", adding()).ids();
    assertThat(learned.decode(ids)).isEqualTo("[CLS] lowest [SEP]");
    assertThat(learned.encode("\u2603")).containsExactly(1);
  }

  @Test
  void word_piece_keeps_case_where_told() {
    List<String> text = List.of("\u00C9t\u00E9 \u00C9t\u00E9");
    assertThat(forms(learn("wordpiece(lowercase=false)", text))).contains("\u00C9t\u00E9");
    assertThat(forms(learn("wordpiece", text))).contains("ete").doesNotContain("\u00C9");
    assertThat(forms(learn("wordpiece(strip-accents=false)", text))).contains("\u00E9t\u00E9");
  }

  @Test
  void words_of_bpe_can_be_marked_at_their_ends() {
    Tokenizer suffix = learn("bpe(byte-level=false,end-of-word-suffix=\"</w>\")", List.of("ab ab"));
    assertThat(forms(suffix)).contains("ab</w>");
    assertThat(suffix.decode(suffix.encode("ab ab"))).isEqualTo("ab ab");
    Tokenizer prefix =
        learn("bpe(byte-level=false,continuing-subword-prefix=\"@@\")", List.of("ab aab"));
    assertThat(forms(prefix)).contains("@@b", "ab");
    assertThat(prefix.decode(prefix.encode("aab ab"))).isEqualTo("aab ab");
  }

  @Test
  void the_pattern_decides_what_may_merge() {
    List<String> texts = List.of("a1a1a1", "a1");
    assertThat(forms(learn("bpe", texts))).doesNotContain("a1");
    assertThat(forms(learn("bpe(pattern=\"[a-z0-9]+\")", texts))).contains("a1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "bpe", "bpe(byte-level=false)", "unigram", "wordpiece"})
  void nothing_is_learned_from_nothing(String kind) {
    for (List<String> texts : List.of(List.<String>of(), List.of(""), List.of("", ""))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> learn(kind, texts))
          .withMessage("the texts to learn a tokenizer from have no word, or are empty");
    }
    assertThat(learn(kind, List.of("", "a")).encode("a")).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "bpe(vocab-size=0); vocab-size",
        "bpe(vocab-size=many); vocab-size",
        "bpe(min-frequency=-1); min-frequency",
        "bpe(max-token-length=0); max-token-length",
        "bpe(byte-level=maybe); byte-level",
        "bpe(pattern=gpt5); pattern",
        "bpe(pattern=\"(a\"); pattern",
        "bpe(special-tokens=\"a,,b\"); special-tokens",
        "bpe(special-tokens=\"a,a\"); special-tokens",
        "bpe(special-tokens=\"a\",special=false); special",
        "bpe(byte-level=false,limit-alphabet=-2); limit-alphabet",
        "bpe(byte-level=false,byte-fallback=false,unk-token=\"\"); unk-token",
        "bpe(byte-level=false,continuing-subword-prefix=a,end-of-word-suffix=b);"
            + " continuing-subword-prefix",
        "unigram(vocab-size=-1); vocab-size",
        "unigram(n-sub-iterations=0); n-sub-iterations",
        "unigram(shrinking-factor=1); shrinking-factor",
        "unigram(max-piece-length=2000); max-piece-length",
        "unigram(seed-size=0); seed-size",
        "unigram(unk-token=\"\"); unk-token",
        "wordpiece(vocab-size=0); vocab-size",
        "wordpiece(limit-alphabet=-2); limit-alphabet",
        "wordpiece(continuing-subword-prefix=\"\"); continuing-subword-prefix",
        "wordpiece(lowercase=2); lowercase",
      })
  void values_that_cannot_be_name_their_option(String spec, String option) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> learn(spec, List.of("a")))
        .withMessageContaining("option \"" + option + "\"");
  }

  @Test
  void a_vocabulary_without_room_for_all_bytes_is_refused() {
    for (String kind : List.of("bpe(", "bpe(byte-level=false,")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> learn(kind + "vocab-size=258)", List.of("a")))
          .withMessage(
              "tokenizer \"bpe\", option \"vocab-size\": \"258\" is not at least 259, which 256"
                  + " bytes and 3 special tokens take");
    }
    assertThat(learn("bpe(vocab-size=259)", List.of("a")).vocabulary().size()).isEqualTo(259);
    assertThat(learn("bpe(byte-level=false,vocab-size=259)", List.of("a")).vocabulary().size())
        .isEqualTo(259 + 2); // and the two characters of "▁a", which are kept in any case
    assertThat(learn("bpe(vocab-size=256,special=false)", List.of("a")).vocabulary().size())
        .isEqualTo(256);
  }

  @Test
  void options_that_are_not_known_are_refused_before_the_work() {
    AtomicInteger read = new AtomicInteger();
    Iterable<String> texts =
        () -> {
          read.incrementAndGet();
          return List.of("a").iterator();
        };
    for (String spec :
        List.of(
            "bpe(n-sub-iterations=2)",
            "bpe(limit-alphabet=7)",
            "bpe(byte-level=false,pattern=gpt2)",
            "unigram(min-frequency=2)",
            "wordpiece(pattern=gpt2)")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Tokenizers.learn(spec, texts, LearnedKinds.REGISTRY))
          .withMessageContaining("has no option");
    }
    assertThat(read).hasValue(0);
  }

  @Test
  void learning_stops_where_it_is_cancelled() {
    for (String kind : KINDS) {
      for (int calls : new int[] {0, 1, 5, 8}) {
        AtomicInteger left = new AtomicInteger(calls);
        Cancellation cancellation = () -> left.getAndDecrement() <= 0;
        assertThatExceptionOfType(CancellationException.class)
            .as("%s after %d", kind, calls)
            .isThrownBy(
                () ->
                    Tokenizers.learn(
                        kind, LearnedKinds.TEXTS, LearnedKinds.REGISTRY, cancellation));
      }
    }
  }

  @Test
  void listeners_hear_of_the_phases_in_turn() {
    assertThat(phases("bpe")).containsExactly("count words", "learn merges");
    assertThat(phases("wordpiece")).containsExactly("count words", "learn merges");
    assertThat(phases("unigram")).containsExactly("count words", "find seed pieces", "drop pieces");
  }

  private static List<String> phases(String kind) {
    List<String> phases = new ArrayList<>();
    LearningListener listener =
        new LearningListener() {
          @Override
          public void onProgress(String phase, long done, long total) {
            if (phases.isEmpty() || !phases.get(phases.size() - 1).equals(phase)) {
              phases.add(phase);
            }
          }
        };
    Tokenizers.learn(
        kind, LearnedKinds.TEXTS, LearnedKinds.REGISTRY, Cancellation.none(), listener);
    return phases;
  }

  private static Tokenizer learn(String spec, List<? extends CharSequence> texts) {
    return Tokenizers.learn(spec, texts, LearnedKinds.REGISTRY);
  }

  private static EncodingOptions adding() {
    return EncodingOptions.builder().addSpecialTokens(true).build();
  }

  private static List<String> forms(Tokenizer tokenizer) {
    return forms(tokenizer.vocabulary());
  }

  private static List<String> forms(Vocabulary vocabulary) {
    List<String> forms = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      forms.add(vocabulary.token(id));
    }
    return forms;
  }

  /** The merges as the saved file lists them. */
  private List<String> merges(Tokenizer tokenizer) throws IOException {
    tokenizer.save(directory);
    return TokenizerJson.read(directory.resolve(TokenizerJson.NAME)).merges();
  }
}
