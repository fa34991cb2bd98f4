package io.fundamentallm.tokenizers.chat;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.MarkedTextBuilder;
import io.fundamentallm.tokenizers.chat.value.None;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A chat template as Hugging Face models provide it: {@code chat_template} in {@code
 * tokenizer_config.json}, or a file {@code chat_template.jinja}. It renders the same text as
 * Python's {@code apply_chat_template} for messages without tools.
 *
 * <p>A template is an untrusted program. It sees the messages, the special tokens and the date, and
 * no Java object; its cost and its output are bounded. Messages are values to it: template syntax
 * in them stays text. It is parsed when it first renders, so a template that this library cannot
 * parse does not keep its tokenizer from loading.
 *
 * <p>Every problem is an {@link IllegalArgumentException}: a refusal by the template, in its own
 * words, or a fault in the template, with its line. Thread-safe.
 */
public final class JinjaChatTemplate implements ChatTemplate {
  /** The longest published templates have about 20,000 characters. */
  private static final int LONGEST = 1 << 20;

  /** A role that can be part of a special token, as in {@code <|user|>}, but never a whole one. */
  private static final Pattern PLAIN_ROLE = Pattern.compile("[A-Za-z0-9_ -]*");

  private final String template;
  private final Map<String, String> variables;
  private final Supplier<LocalDateTime> now;
  private volatile @Nullable List<Statement> statements; // parsed twice at worst

  /**
   * A template and the variables it may use.
   *
   * @param variables the special tokens by their names in {@code tokenizer_config.json}: {@code
   *     bos_token}, {@code eos_token} and so on, without those that the model lacks
   * @throws IllegalArgumentException for a template of more than a million characters
   */
  public JinjaChatTemplate(String template, Map<String, String> variables) {
    this(template, variables, LocalDateTime::now);
  }

  JinjaChatTemplate(String template, Map<String, String> variables, Supplier<LocalDateTime> now) {
    if (template.length() > LONGEST) {
      throw new IllegalArgumentException(
          "a chat template of " + template.length() + " characters; at most " + LONGEST);
    }
    this.template = template;
    this.variables = Map.copyOf(variables);
    this.now = requireNonNull(now, "now");
  }

  @Override
  public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
    return marked(messages, addGenerationPrompt, TemplateBudget.MAX).text();
  }

  /**
   * Renders the messages and reports which characters came from them. Adjacent segments differ in
   * origin. A role counts as the template's unless it has characters other than letters, digits,
   * blanks, {@code _} and {@code -}.
   *
   * @throws IllegalArgumentException as {@link #render} does
   */
  @Override
  public List<ChatSegment> segments(List<ChatMessage> messages, boolean addGenerationPrompt) {
    return segments(messages, addGenerationPrompt, TemplateBudget.MAX);
  }

  /** Renders within a budget of this many units. */
  List<ChatSegment> segments(List<ChatMessage> messages, boolean addGenerationPrompt, long units) {
    return marked(messages, addGenerationPrompt, units).segments();
  }

  private MarkedText marked(List<ChatMessage> messages, boolean addGenerationPrompt, long units) {
    Scope scope = Scope.outermost(new TemplateBudget(units));
    Functions.define(scope, now);
    // there for every template, though without a value
    scope.set("tools", None.NONE);
    scope.set("documents", None.NONE);
    variables.forEach((name, value) -> scope.set(name, MarkedText.of(value)));
    scope.set("messages", values(messages));
    scope.set("add_generation_prompt", addGenerationPrompt);
    MarkedTextBuilder out = new MarkedTextBuilder(scope.budget());
    try {
      Statement.all(statements(), scope, out);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    }
    return out.build();
  }

  private static PythonList values(List<ChatMessage> messages) {
    List<Object> values = new ArrayList<>(messages.size());
    for (ChatMessage message : messages) {
      String role = message.role();
      Map<Object, Object> value = new LinkedHashMap<>();
      value.put(
          MarkedText.of("role"),
          PLAIN_ROLE.matcher(role).matches() ? MarkedText.of(role) : MarkedText.ofMessage(role));
      value.put(MarkedText.of("content"), MarkedText.ofMessage(message.content()));
      values.add(value);
    }
    return PythonList.list(values);
  }

  private List<Statement> statements() {
    List<Statement> read = statements;
    if (read == null) {
      read = StatementParser.parse(template);
      statements = read;
    }
    return read;
  }

  /** The stack is unwound by now: no state outlives a rendering or parsing that failed. */
  private static IllegalArgumentException tooDeep(StackOverflowError cause) {
    return new IllegalArgumentException("the chat template nests too deeply", cause);
  }
}
