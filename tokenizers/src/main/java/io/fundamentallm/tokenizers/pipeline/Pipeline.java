package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.ChatTemplate;
import io.fundamentallm.EncodingOptions;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.Model;
import io.fundamentallm.tokenizers.split.PreTokenizer;
import io.fundamentallm.tokenizers.text.Normalizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a tokenizer, in the order in which a text meets them.
 *
 * @param added tokens that are looked for in the text first
 * @param normalizer rewrites the text; null to leave it
 * @param preTokenizer cuts it; null not to
 * @param model finds the tokens
 * @param postProcessor lays out what the model expects around a text
 * @param surface what tokens look like in text; null where it is their bytes, {@code strings}
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
    @Nullable Surface surface,
    ByteStrings strings,
    TokenForms forms,
    Optional<ChatTemplate> chatTemplate,
    EncodingOptions stored,
    Files files,
    String description) {

  /** What tokens look like in text. */
  public interface Surface {
    /**
     * The bytes of a token behind another one.
     *
     * @param previous -1 at the beginning of the text
     */
    byte[] bytes(int token, int previous);

    /** The bytes of a token inside a text. */
    byte[] bytes(int token);
  }

  /** Writes the files from which the same tokenizer is read. */
  public interface Files {
    /** Writes them; each is replaced atomically. */
    void write(Path directory) throws IOException;
  }

  /** Whether a text can be cut before a space between ASCII letters, and each part be encoded. */
  boolean cuttable() {
    return (normalizer == null || normalizer.cuttable())
        && (preTokenizer == null ? model.cuttable() : preTokenizer.cuttable());
  }
}
