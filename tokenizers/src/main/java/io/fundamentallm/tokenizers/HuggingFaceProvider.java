package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.huggingface.HuggingFaceTokenizer;
import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.huggingface.VocabularyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * {@code huggingface}: reads the files that Hugging Face's models come with. That is {@code
 * tokenizer.json} of their tokenizers library, with all its normalizers, pre-tokenizers, models,
 * post-processors and decoders; or {@code vocab.json} and {@code merges.txt} (byte-level BPE as in
 * GPT-2); or {@code vocab.txt} (WordPiece as in BERT). {@code tokenizer_config.json} beside it
 * names the special tokens and has the chat template, or {@code chat_template.jinja} does.
 *
 * <p>Ids are those of that library, exactly, where all special tokens are allowed in the text and
 * dropout is off. Where none is allowed, added tokens that the file does not call special still
 * count, as Gemma 3's line ends do. Those that the chat template writes as markers do not, such as
 * Qwen 3's {@code <think>}: their use makes them special. Its truncation and padding sections apply
 * only on request, by {@link Tokenizer#storedOptions()}.
 *
 * <p>What stands around a text is the post-processor's to say. {@code add_bos_token} and {@code
 * add_eos_token} change it where {@code tokenizer_class} names a class that follows them in
 * transformers 4, which are those of Llama, Code Llama, Gemma, Cohere and GPT-NeoX, or names none;
 * a switch that is not there changes nothing.
 */
public final class HuggingFaceProvider implements TokenizerProvider {
  /**
   * What else a model's directory has in JSON: its path is often given in the directory's place.
   */
  private static final Pattern OTHERS =
      Pattern.compile(
          "(.*_)?config\\.json|.*\\.index\\.json|(special_tokens_map|added_tokens|vocab)\\.json");

  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public HuggingFaceProvider() {}

  @Override
  public String name() {
    return "huggingface";
  }

  @Override
  public Support supports(Path path) {
    if (!Files.isDirectory(path)) {
      if (path.getFileName() != null && OTHERS.matcher(path.getFileName().toString()).matches()) {
        return Support.no(path + " is not a tokenizer; expected " + TokenizerJson.NAME);
      }
      return path.toString().endsWith(".json") && Files.isRegularFile(path)
          ? Support.yes("it is a JSON file")
          : Support.no(path + " is neither a directory nor a .json file");
    }
    if (Files.isRegularFile(path.resolve(TokenizerJson.NAME))) {
      return Support.yes("it has " + TokenizerJson.NAME);
    }
    return VocabularyFiles.in(path)
        ? Support.yes("it has a vocabulary file of Hugging Face's")
        : Support.no(
            "there is no " + TokenizerJson.NAME + ", vocab.json with merges.txt, or vocab.txt");
  }

  @Override
  public Tokenizer load(Path path, Options options) throws IOException {
    Path directory = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    Path file = Files.isDirectory(path) ? path.resolve(TokenizerJson.NAME) : path;
    TokenizerConfig config = TokenizerConfig.in(directory == null ? Path.of("") : directory);
    if (!Files.isRegularFile(file) && VocabularyFiles.in(path)) {
      return HuggingFaceTokenizer.of(VocabularyFiles.read(path, config), config);
    }
    return HuggingFaceTokenizer.of(TokenizerJson.read(file), config);
  }
}
