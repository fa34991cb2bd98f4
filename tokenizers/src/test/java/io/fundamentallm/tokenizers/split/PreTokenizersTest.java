package io.fundamentallm.tokenizers.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of Hugging Face's own tests and documentation, and edges. */
class PreTokenizersTest {
  private static final int LOW_LINE = 0x2581;

  private static List<String> cut(PreTokenizer preTokenizer, String text) {
    List<String> untracked = cut(preTokenizer, text, false, true, false);
    assertThat(cut(preTokenizer, text, true, true, false)).isEqualTo(untracked);
    return untracked;
  }

  private static List<String> withSources(PreTokenizer preTokenizer, String text) {
    return cut(preTokenizer, text, true, true, true);
  }

  private static List<String> cut(
      PreTokenizer preTokenizer, String string, boolean tracked, boolean first, boolean sources) {
    byte[] utf8 = string.getBytes(StandardCharsets.UTF_8);
    PreTokenizedText text = new PreTokenizedText();
    text.text().clear(tracked);
    System.arraycopy(utf8, 0, text.text().reserve(utf8.length), 0, utf8.length);
    text.text().advance(utf8.length, 0);
    text.begin(first);
    preTokenizer.split(text);
    List<String> pieces = new ArrayList<>();
    TextBuffer buffer = text.text();
    for (int i = 0; i < text.pieces().count(); i++) {
      int start = text.pieces().start(i);
      int end = text.pieces().end(i);
      String piece = new String(buffer.bytes(), start, end - start, StandardCharsets.UTF_8);
      pieces.add(
          sources
              ? piece + " " + buffer.sourceStart(start) + "-" + buffer.sourceEnd(end - 1)
              : piece);
    }
    return pieces;
  }

  private static PreTokenizer dashes(SplitBehavior behavior) {
    return new RegexSplit(Regex.literal("-"), behavior, false);
  }

  @Test
  void the_final_countdown_is_cut_as_documented() {
    String text = "the-final--countdown";
    assertThat(cut(dashes(SplitBehavior.REMOVED), text))
        .containsExactly("the", "final", "countdown");
    assertThat(cut(dashes(SplitBehavior.ISOLATED), text))
        .containsExactly("the", "-", "final", "-", "-", "countdown");
    assertThat(cut(dashes(SplitBehavior.MERGED_WITH_PREVIOUS), text))
        .containsExactly("the-", "final-", "-", "countdown");
    assertThat(cut(dashes(SplitBehavior.MERGED_WITH_NEXT), text))
        .containsExactly("the", "-final", "-", "-countdown");
    assertThat(cut(dashes(SplitBehavior.CONTIGUOUS), text))
        .containsExactly("the", "-", "final", "--", "countdown");
  }

  @Test
  void inverted_patterns_are_words() {
    Regex words = Regex.compile("\\w+|[^\\w\\s]+");
    String text = "How are you doing?";
    assertThat(cut(new RegexSplit(words, SplitBehavior.REMOVED, true), text))
        .containsExactly("How", "are", "you", "doing", "?");
    assertThat(cut(new RegexSplit(words, SplitBehavior.ISOLATED, true), text))
        .containsExactly("How", " ", "are", " ", "you", " ", "doing", "?");
    assertThat(cut(new RegexSplit(words, SplitBehavior.MERGED_WITH_PREVIOUS, true), text))
        .containsExactly("How ", "are ", "you ", "doing", "?");
    assertThat(cut(new RegexSplit(words, SplitBehavior.MERGED_WITH_NEXT, true), text))
        .containsExactly("How", " are", " you", " doing", "?");
    assertThat(cut(new RegexSplit(words, SplitBehavior.CONTIGUOUS, true), text))
        .containsExactly("How", " ", "are", " ", "you", " ", "doing?");
  }

  @Test
  void empty_matches_cut_and_leave_nothing() {
    Regex maybe = Regex.compile("x*");
    assertThat(cut(new RegexSplit(maybe, SplitBehavior.ISOLATED, false), "axéb"))
        .containsExactly("a", "x", "é", "b");
    assertThat(cut(new RegexSplit(maybe, SplitBehavior.ISOLATED, false), "")).isEmpty();
  }

  @Test
  void look_around_sees_the_piece_alone() {
    PreTokenizer twice =
        new SequenceSplit(
            List.of(
                CharSplit.delimiter('|'),
                new RegexSplit(Regex.compile("\\s+(?!\\S)|\\s+"), SplitBehavior.ISOLATED, false)));
    assertThat(cut(twice, "a  |b  c")).containsExactly("a", "  ", "b", " ", " ", "c");
  }

  @Test
  void bert_drops_space_and_isolates_punctuation() {
    assertThat(cut(BertSplit.INSTANCE, "Hey friend!     How are you?!?"))
        .containsExactly("Hey", "friend", "!", "How", "are", "you", "?", "!", "?");
    assertThat(cut(BertSplit.INSTANCE, "\u3000a。b\u00A0«c» $"))
        .containsExactly("a", "。", "b", "«", "c", "»", "$");
  }

  @Test
  void metaspace_replaces_prepends_and_cuts() {
    PreTokenizer always = new MetaspaceSplit(LOW_LINE, PrependScheme.ALWAYS, true);
    assertThat(withSources(always, "Hey friend!")).containsExactly("▁Hey 0-3", "▁friend! 3-11");
    assertThat(withSources(always, "Hey   friend!"))
        .containsExactly("▁Hey 0-3", "▁ 3-4", "▁ 4-5", "▁friend! 5-13");
    assertThat(cut(always, " é▁x ")).containsExactly("▁é", "▁x", "▁");
    assertThat(cut(new MetaspaceSplit(LOW_LINE, PrependScheme.ALWAYS, false), "a b"))
        .containsExactly("▁a▁b");
    assertThat(cut(new MetaspaceSplit('_', PrependScheme.NEVER, true), "a b_c"))
        .containsExactly("a", "_b", "_c");
    assertThat(cut(always, "")).isEmpty();
  }

  @Test
  void what_metaspace_prepends_has_the_source_of_what_follows() {
    PreTokenizer always = new MetaspaceSplit(LOW_LINE, PrependScheme.ALWAYS, true);
    PreTokenizer single = new SequenceSplit(List.of(always, new FixedLengthSplit(1)));
    assertThat(withSources(single, "éa b"))
        .containsExactly("▁ 0-2", "é 0-2", "a 2-3", "▁ 3-4", "b 4-5");
  }

  @Test
  void metaspace_first_prepends_at_the_start_of_the_original_text_only() {
    PreTokenizer first = new MetaspaceSplit(LOW_LINE, PrependScheme.FIRST, true);
    PreTokenizer words = new SequenceSplit(List.of(CharSplit.whiteSpace(), first));
    assertThat(cut(words, "a b")).containsExactly("▁a", "b");
    assertThat(cut(words, " a b")).containsExactly("a", "b");
    assertThat(cut(first, "a b", false, false, false)).containsExactly("a", "▁b");
    assertThat(cut(new SequenceSplit(List.of(words, first)), " a b")).containsExactly("a", "b");
  }

  @Test
  void t5_is_white_space_and_then_metaspace() {
    PreTokenizer t5 =
        new SequenceSplit(
            List.of(
                CharSplit.whiteSpace(), new MetaspaceSplit(LOW_LINE, PrependScheme.ALWAYS, true)));
    assertThat(withSources(t5, " Hey  you▁there\n"))
        .containsExactly("▁Hey 1-4", "▁you 6-9", "▁there 9-17");
  }

  @Test
  void byte_level_prepends_a_space_and_cuts_by_its_pattern() {
    PreTokenizer gpt2 =
        new RegexSplit(Regex.compile(PublishedPatterns.GPT2), SplitBehavior.ISOLATED, false);
    assertThat(withSources(new ByteLevelSplit(true, gpt2), "Hello my friend"))
        .containsExactly(" Hello 0-5", " my 5-8", " friend 8-15");
    assertThat(cut(new ByteLevelSplit(false, gpt2), "Hello there       dear"))
        .containsExactly("Hello", " there", "      ", " dear");
    assertThat(cut(new ByteLevelSplit(true, null), "a b")).containsExactly(" a b");
    assertThat(cut(new ByteLevelSplit(true, null), " a b")).containsExactly(" a b");
  }

  @Test
  void digits_stand_apart_together_or_each_alone() {
    assertThat(cut(CharSplit.digits(false), "Hey 123 friend!"))
        .containsExactly("Hey ", "123", " friend!");
    assertThat(cut(CharSplit.digits(true), "Hey 12½ friend!"))
        .containsExactly("Hey ", "1", "2", "½", " friend!");
  }

  @Test
  void punctuation_and_delimiters() {
    assertThat(cut(CharSplit.punctuation(SplitBehavior.ISOLATED), "Hey friend!     How?!?"))
        .containsExactly("Hey friend", "!", "     How", "?", "!", "?");
    assertThat(cut(CharSplit.punctuation(SplitBehavior.CONTIGUOUS), "a?!b"))
        .containsExactly("a", "?!", "b");
    assertThat(cut(CharSplit.delimiter('é'), "éaébéé")).containsExactly("a", "b");
  }

  @Test
  void whitespace_finds_words_and_the_rest() {
    assertThat(cut(new WordSplit(), "How are you doing?!"))
        .containsExactly("How", "are", "you", "doing", "?!");
    assertThat(cut(new WordSplit(), "\n")).isEmpty();
    assertThat(cut(CharSplit.whiteSpace(), "Hey, man,\u2028Good?"))
        .containsExactly("Hey,", "man,", "Good?");
  }

  @Test
  void scripts_keep_japanese_together() {
    assertThat(cut(ScriptSplit.INSTANCE, "どこで生れ。Yes")).containsExactly("どこで生れ", "。", "Yes");
    assertThat(cut(ScriptSplit.INSTANCE, "Apples are りんご 林檎"))
        .containsExactly("Apples are ", "りんご 林檎");
    assertThat(cut(ScriptSplit.INSTANCE, "  a")).containsExactly("a");
  }

  @Test
  void fixed_length_counts_characters() {
    assertThat(cut(new FixedLengthSplit(3), "Hello 👋 world"))
        .containsExactly("Hel", "lo ", "👋 w", "orl", "d");
    assertThatThrownBy(() -> new FixedLengthSplit(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
