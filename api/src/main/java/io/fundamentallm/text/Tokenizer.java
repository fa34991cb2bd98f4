package io.fundamentallm.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Text to token ids and back. Immutable and thread-safe.
 *
 * <p>Ids are in {@code [0, vocabulary().size())}; every method that takes ids throws {@link
 * IllegalArgumentException} for one outside that range. Lone surrogates in a text encode as U+FFFD.
 *
 * @apiNote For example:
 *     <pre>{@code
 * int[] tokens = tokenizer.encode("It is a truth");
 * String text = tokenizer.decode(tokens);
 * OptionalInt end = tokenizer.vocabulary().eos();
 * }</pre>
 */
public interface Tokenizer {
  /**
   * Encodes text. Look-alikes of special tokens are plain text, and none is added.
   *
   * @throws IllegalArgumentException if the tokenizer is set to refuse what it cannot represent;
   *     names the character and its index
   */
  default int[] encode(CharSequence text) {
    return encode(text, SpecialTokens.none());
  }

  /** Encodes text in which the allowed special tokens, written out, stand for themselves. */
  int[] encode(CharSequence text, SpecialTokens allowed);

  /**
   * Encodes the beginning of a text, for prompt budgets: the first tokens of what {@link
   * #encode(CharSequence, SpecialTokens)} gives.
   *
   * @param maxTokens the most tokens; kinds that can, read no more of the text than that needs
   */
  default int[] encode(CharSequence text, SpecialTokens allowed, int maxTokens) {
    if (maxTokens < 0) {
      throw new IllegalArgumentException("maxTokens must not be negative, but is " + maxTokens);
    }
    int[] tokens = encode(text, allowed);
    return tokens.length <= maxTokens ? tokens : Arrays.copyOf(tokens, maxTokens);
  }

  /**
   * Encodes a conversation laid out by a {@link ChatTemplate}: special tokens that the template
   * wrote stand for themselves, and look-alikes that are partly in a message are plain text.
   *
   * <p>By default each segment is encoded separately. A tokenizer that can distinguish the two
   * within one text encodes all segments as one, with the token boundaries that the model was
   * trained on.
   */
  default int[] encode(List<ChatSegment> segments) {
    return segments.stream()
        .map(
            segment ->
                encode(
                    segment.text(),
                    segment.fromMessage() ? SpecialTokens.none() : SpecialTokens.all()))
        .flatMapToInt(Arrays::stream)
        .toArray();
  }

  /** How many tokens {@link #encode(CharSequence)} gives, without making them if possible. */
  default int count(CharSequence text) {
    return encode(text).length;
  }

  /**
   * Encodes a text, with everything else that the options ask for.
   *
   * @throws UnsupportedOperationException for offsets, if this tokenizer's tokens together are not
   *     the text
   * @throws IllegalArgumentException when truncation leaves no room for the added special tokens
   */
  default Encoding encode(CharSequence text, EncodingOptions options) {
    return SimpleEncoding.of(this, text, options);
  }

  /**
   * Encodes two texts for a model that takes pairs, such as a question and an answer.
   *
   * @throws UnsupportedOperationException if this kind of tokenizer has no layout for pairs
   */
  default Encoding encodePair(CharSequence first, CharSequence second, EncodingOptions options) {
    throw new UnsupportedOperationException("this tokenizer has no layout for pairs of texts");
  }

  /**
   * Encodes several texts, on several threads of the common pool if there are enough texts. Padding
   * without a length pads to the longest of them.
   */
  default List<Encoding> encodeAll(List<? extends CharSequence> texts, EncodingOptions options) {
    return SimpleEncoding.all(this, texts, options);
  }

  /** What the tokenizer's files ask for: special tokens to add, truncation, padding. */
  default EncodingOptions storedOptions() {
    return EncodingOptions.plain();
  }

  /**
   * The token before a text that is read by itself, to be scored or to be learned from: the
   * vocabulary's begin token where the tokenizer's files put it before a text, or where it ends
   * texts, too; empty elsewhere. A prompt has what the files say and no more; see {@link
   * io.fundamentallm.TextGenerator#promptTokens(String)}.
   */
  default OptionalInt beginToken() {
    return SimpleEncoding.beginToken(this);
  }

  /** The exact UTF-8 bytes of a token, in a fresh array; a token may hold part of a code point. */
  byte[] bytes(int token);

  /**
   * What a token adds to a text after another token, in UTF-8. Differs from {@link #bytes(int)}
   * where decoding adds or removes white space.
   *
   * @param previous the token before it; -1 at the beginning of the text
   */
  default byte[] bytes(int token, int previous) {
    return bytes(token);
  }

  /** Decodes tokens, with special ones in their written form. Malformed UTF-8 becomes U+FFFD. */
  default String decode(int... tokens) {
    return decode(tokens, DetokenizerOptions.plain());
  }

  /** Decodes tokens as the options say. */
  default String decode(int[] tokens, DetokenizerOptions options) {
    Detokenizer detokenizer = detokenizer(options);
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      text.append(detokenizer.append(token));
    }
    return text.append(detokenizer.finish()).toString();
  }

  /** A new streaming decoder, whose pieces together are what {@link #decode} gives. */
  default Detokenizer detokenizer() {
    return detokenizer(DetokenizerOptions.plain());
  }

  /** A new streaming decoder that follows the options. */
  default Detokenizer detokenizer(DetokenizerOptions options) {
    return TextDetokenizer.of(this, options);
  }

  /** Ids, their written forms, and the special ones. */
  Vocabulary vocabulary();

  /** How conversations are laid out for this model, if its files say so. */
  default Optional<ChatTemplate> chatTemplate() {
    return Optional.empty();
  }

  /**
   * Writes the tokenizer's files into a model directory, so that {@link
   * io.fundamentallm.Tokenizers#load} reads them back. Each file is replaced atomically.
   */
  void save(Path modelDirectory) throws IOException;

  /**
   * Writes the tokenizer as a GGUF file without tensors, with the keys under which llama.cpp keeps
   * a tokenizer and its chat template. Programs that write a whole model as GGUF take them from
   * there. The file is replaced atomically.
   *
   * @param file ends in {@code .gguf}
   * @param vocabularySize how many ids the model has; those above the tokenizer's own become tokens
   *     that no text has
   * @throws IllegalArgumentException if the tokenizer has more
   * @throws UnsupportedOperationException if llama.cpp has no such tokenizers, as by default; the
   *     message says what it lacks
   */
  default void saveGguf(Path file, int vocabularySize) throws IOException {
    throw new UnsupportedOperationException(
        "a GGUF file cannot hold "
            + this
            + ": llama.cpp cuts texts by byte pairs, SentencePiece, Unigram or WordPiece alone;"
            + " keep the model as a directory");
  }

  /**
   * Writes the tokenizer as {@code tokenizer.json} of Hugging Face's tokenizers library, and
   * nothing else, for programs that read no other file, such as transformers.js. The file is
   * replaced atomically. It gives the same ids; those that decode to no text, such as an unknown
   * token, may be shown otherwise.
   *
   * @throws UnsupportedOperationException if that file cannot give the same ids, as by default; the
   *     message says what it lacks
   */
  default void saveJson(Path modelDirectory) throws IOException {
    throw new UnsupportedOperationException("tokenizer.json has no form for " + this);
  }

  /**
   * A short text that identifies what the ids mean: their number, and a CRC-32 over the written
   * form and the bytes of each, and over the tokens with roles. It finds what was confused by
   * mistake. Takes time for each token; not kept.
   */
  default String fingerprint() {
    return TokenizerFingerprint.of(this);
  }
}
