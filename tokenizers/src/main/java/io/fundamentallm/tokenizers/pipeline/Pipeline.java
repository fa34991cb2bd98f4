package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.Model;
import io.fundamentallm.tokenizers.split.PreTokenizedText;
import io.fundamentallm.tokenizers.split.PreTokenizer;
import io.fundamentallm.tokenizers.text.Normalizer;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a tokenizer, in the order in which a text meets them.
 *
 * @param added tokens that are looked for in the text first
 * @param normalizer rewrites the text; null to leave it
 * @param preTokenizer cuts it; null for no cuts
 * @param model finds the tokens
 * @param postProcessor lays out what the model expects around a text
 * @param decoder what tokens look like in text; null if they are their bytes, {@code strings}
 * @param strings the bytes of each token
 * @param forms the vocabulary
 * @param chatTemplate how conversations are laid out
 * @param stored what the files ask for
 * @param files writes the files
 * @param description for {@code toString}
 */
public record Pipeline(
    AddedTokens added,
    @Nullable Normalizer normalizer,
    @Nullable PreTokenizer preTokenizer,
    Model model,
    PostProcessor postProcessor,
    @Nullable TokenDecoder decoder,
    ByteStrings strings,
    TokenForms forms,
    Optional<ChatTemplate> chatTemplate,
    EncodingOptions stored,
    Files files,
    String description) {

  /** What tokens look like in text. */
  public interface TokenDecoder {
    /**
     * The bytes of a token that follows another.
     *
     * @param previous -1 at the beginning of the text
     */
    byte[] bytes(int token, int previous);

    /** The bytes of a token inside a text. */
    byte[] bytes(int token);
  }

  /** The files from which the same tokenizer is read. */
  public interface Files {
    /** Writes them; each is replaced atomically. */
    void write(Path directory) throws IOException;

    /**
     * The same tokenizer as a GGUF file has it.
     *
     * @param parts of the tokenizer whose files these are
     * @throws UnsupportedOperationException when llama.cpp has no such tokenizers, as by default
     */
    default GgufTokenizer gguf(Pipeline parts) {
      throw new UnsupportedOperationException(
          "llama.cpp has no tokenizers like this " + parts.description());
    }

    /**
     * Writes the same tokenizer as {@code tokenizer.json} alone.
     *
     * @param parts of the tokenizer whose files these are
     * @throws UnsupportedOperationException when that file cannot say the same, as by default
     */
    default void writeJson(Pipeline parts, Path directory) throws IOException {
      throw new UnsupportedOperationException(
          "tokenizer.json has no form for this " + parts.description());
    }

    /**
     * A file itself, or the only one of its kind in a directory.
     *
     * @throws IOException if there is none, or more than one
     */
    static Path find(Path path, String suffix) throws IOException {
      return find(path, suffix, files -> files);
    }

    /**
     * The same where some files of a directory do not count.
     *
     * @param counted those that do
     */
    static Path find(Path path, String suffix, UnaryOperator<List<Path>> counted)
        throws IOException {
      if (!java.nio.file.Files.isDirectory(path)) {
        if (path.toString().endsWith(suffix) && java.nio.file.Files.isRegularFile(path)) {
          return path;
        }
        throw new IOException(path + " is neither a directory nor a " + suffix + " file");
      }
      try (Stream<Path> files = java.nio.file.Files.list(path)) {
        List<Path> all = files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        List<Path> found = counted.apply(all);
        if (found.size() != 1) {
          throw new IOException(
              path
                  + " has "
                  + found.size()
                  + " "
                  + suffix
                  + " files; expected exactly one"
                  + (found.isEmpty() ? "" : ": name it, such as " + found.get(0)));
        }
        return found.get(0);
      }
    }
  }

  /**
   * The token that is put before a text, or after it, if it has special tokens added.
   *
   * @param end whether after it
   * @return -1 for none
   */
  public int added(boolean end) {
    return postProcessor.outermost(end);
  }

  /** Whether a text can be cut before a space between ASCII letters and encoded part by part. */
  boolean cuttable() {
    return (normalizer == null || normalizer.cuttable())
        && (preTokenizer == null
            ? model.cuttable(marksSpaces())
            : preTokenizer.cuttable() && keepsBorders(preTokenizer));
  }

  /** Whether places where the original text may be cut are still such places when normalized. */
  private boolean keepsBorders(PreTokenizer cutter) {
    if (normalizer == null) {
      return true;
    }
    return normalized("a b").matches("[a-z] [a-z]")
        && normalized("Z\nZ").matches("[A-Za-z][\n ][A-Za-z]")
        && (dropsSpaces(cutter)
            || normalized("a\nb\n\u4E00\n\u9FA5").equals("a\nb\n\u4E00\n\u9FA5"));
  }

  /** Whether white space is dropped, so that its kind does not matter. */
  private static boolean dropsSpaces(PreTokenizer cutter) {
    PreTokenizedText text = new PreTokenizedText();
    text.text().add("a \n b", 0, 5, 0);
    text.begin(true);
    cutter.split(text);
    return text.pieces().count() == 2;
  }

  /** Whether a space between letters is U+2581 by the time it reaches the model. */
  private boolean marksSpaces() {
    return normalized("a b").equals("a\u2581b");
  }

  /** The normalized form of a text that continues another one. */
  private String normalized(String text) {
    if (normalizer == null) {
      return text;
    }
    TextBuffer in = new TextBuffer();
    in.add(text, 0, text.length(), 0);
    TextBuffer out = new TextBuffer();
    normalizer.continueWith(in, out);
    return new String(out.bytes(), 0, out.length(), StandardCharsets.UTF_8);
  }
}
