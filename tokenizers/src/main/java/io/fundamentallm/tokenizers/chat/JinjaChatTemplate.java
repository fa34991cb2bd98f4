package io.fundamentallm.tokenizers.chat;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.MarkedTextBuilder;
import io.fundamentallm.tokenizers.chat.value.None;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A chat template as Hugging Face models provide it: {@code chat_template} in {@code
 * tokenizer_config.json}, or a file {@code chat_template.jinja}. It renders the same text as
 * Python's {@code apply_chat_template}.
 *
 * <p>A template is an untrusted program. It sees the prompt, the special tokens and the date, and
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

  /** Enough for the few turns that show what a template expects. */
  private static final long TRIAL = 1L << 20;

  private static final TemplateInput PLAIN = new TemplateInput(false, false, false);

  private final String template;
  private final Map<String, String> variables;
  private final @Nullable String place;
  private final Supplier<LocalDateTime> now;
  private volatile @Nullable List<Statement> statements; // parsed twice at worst
  private volatile @Nullable TemplateInput input;
  private volatile @Nullable Mentions mentions;

  /**
   * A template and the variables it may use.
   *
   * @param variables the special tokens by their names in {@code tokenizer_config.json}: {@code
   *     bos_token}, {@code eos_token} and so on, without those that the model lacks
   * @throws IllegalArgumentException for a template of more than a million characters
   */
  public JinjaChatTemplate(String template, Map<String, String> variables) {
    this(template, variables, null);
  }

  /**
   * The same.
   *
   * @param file where the template is from, or null; a fault in it names the file with its
   *     directory, but not where that is: a service's callers may read it
   */
  public JinjaChatTemplate(String template, Map<String, String> variables, @Nullable Path file) {
    this(template, variables, file, LocalDateTime::now);
  }

  JinjaChatTemplate(
      String template,
      Map<String, String> variables,
      @Nullable Path file,
      Supplier<LocalDateTime> now) {
    if (template.length() > LONGEST) {
      throw new IllegalArgumentException(
          "a chat template of " + template.length() + " characters; at most " + LONGEST);
    }
    this.template = template;
    this.variables = Map.copyOf(variables);
    place = file == null ? null : place(file.toAbsolutePath());
    this.now = requireNonNull(now, "now");
  }

  private static String place(Path file) {
    int names = file.getNameCount();
    return file.subpath(Math.max(0, names - 2), names).toString();
  }

  @Override
  public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
    return marked(ChatPrompt.of(messages), addGenerationPrompt, TemplateBudget.MAX).text();
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
    return marked(ChatPrompt.of(messages), addGenerationPrompt, units).segments();
  }

  /**
   * Renders a prompt as {@code apply_chat_template} does, with {@code tools} and the arguments as
   * variables. A template that has no variable {@code tools} gets them as words of the system
   * message or, if it refuses one, of the first turn; DeepSeek's that write calls all the same get
   * them in the words of V3.1's card.
   *
   * <p>Templates expect the arguments of earlier calls as a dict or as text, and turns without
   * words with no content or an empty one; what this one expects is tried out once. One that
   * refuses a turn with a call, thinking and words gets all of these as its thinking. Where
   * thinking is off, {@code enable_thinking} and {@code thinking} are false unless given.
   *
   * @throws IllegalArgumentException as {@link #render} does
   */
  @Override
  public List<ChatSegment> segments(ChatPrompt prompt, boolean addGenerationPrompt) {
    return marked(prompt, addGenerationPrompt, TemplateBudget.MAX).segments();
  }

  /**
   * Lays a conversation out to learn from. Where the template marks what an assistant generates,
   * with the {@code {% generation %}} of Hugging Face's {@code return_assistant_tokens_mask}, that
   * holds, and there is one example; elsewhere it is found as {@link ChatTemplate#examples} says.
   *
   * @throws IllegalArgumentException as {@link #render} does, or if nothing is marked
   */
  @Override
  public List<List<ChatSegment>> examples(ChatPrompt conversation) {
    if (!mentions().generation()) {
      return ChatTemplate.super.examples(conversation);
    }
    BitSet generated = new BitSet();
    MarkedText text = marked(conversation, false, TemplateBudget.MAX, generated);
    if (generated.isEmpty()) {
      throw new IllegalArgumentException(
          "the chat template marks nothing of the conversation with {% generation %}");
    }
    return List.of(text.segments(generated));
  }

  @Override
  public ChatNotation notation() {
    return TemplateNotation.of(template);
  }

  @Override
  public boolean thinks() {
    return TemplateNotation.thinks(template);
  }

  private MarkedText marked(ChatPrompt prompt, boolean addGenerationPrompt, long units) {
    return marked(prompt, addGenerationPrompt, units, new BitSet());
  }

  /**
   * Renders.
   *
   * @param generated receives what the template marks as written by an assistant
   */
  private MarkedText marked(
      ChatPrompt prompt, boolean addGenerationPrompt, long units, BitSet generated) {
    boolean calls = prompt.messages().stream().anyMatch(JinjaChatTemplate::concernsTools);
    if (prompt.tools().isEmpty() && !calls) {
      return marked(prompt, PLAIN, addGenerationPrompt, units, generated);
    } else if (mentions().tools()) {
      return marked(prompt, calls ? input() : PLAIN, addGenerationPrompt, units, generated);
    } else if (writesDeepSeeksCalls()) {
      ChatPrompt told = DeepSeekTools.told(prompt, notation());
      return marked(told, calls ? input() : PLAIN, addGenerationPrompt, units, generated);
    }
    return inWords(prompt.withToolsAsText(), addGenerationPrompt, units, generated);
  }

  private boolean writesDeepSeeksCalls() {
    ChatNotation notation = notation();
    return (notation == ChatNotation.DEEPSEEK || notation == ChatNotation.DEEPSEEK_V31)
        && mentions().calls();
  }

  private static boolean concernsTools(ChatMessage message) {
    return !message.toolCalls().isEmpty() || !message.toolCallId().isEmpty();
  }

  /** What the template names; nothing if it is faulty, and rendering will say why. */
  private Mentions mentions() {
    Mentions known = mentions;
    if (known == null) {
      known = Mentions.of(template);
      mentions = known;
    }
    return known;
  }

  private MarkedText inWords(
      ChatPrompt prompt, boolean addGenerationPrompt, long units, BitSet generated) {
    try {
      return marked(prompt, PLAIN, addGenerationPrompt, units, generated);
    } catch (IllegalArgumentException e) {
      List<ChatMessage> turns = prompt.messages();
      if (turns.size() < 2 || !turns.get(0).role().equals("system")) {
        throw e;
      }
      List<ChatMessage> merged = new ArrayList<>(turns.subList(1, turns.size()));
      ChatMessage first = merged.get(0);
      merged.set(
          0, new ChatMessage(first.role(), turns.get(0).content() + "\n\n" + first.content()));
      ChatPrompt other = prompt.toBuilder().messages(merged).build();
      return marked(other, PLAIN, addGenerationPrompt, units, generated);
    }
  }

  /** What the template expects of calls. */
  private TemplateInput input() {
    TemplateInput known = input;
    if (known == null) {
      known =
          TemplateTrial.of(
              (prompt, tried) -> marked(prompt, tried, false, TRIAL, new BitSet()).text());
      input = known;
    }
    return known;
  }

  private MarkedText marked(
      ChatPrompt prompt,
      TemplateInput form,
      boolean addGenerationPrompt,
      long units,
      BitSet generated) {
    Scope scope = Scope.outermost(new TemplateBudget(units));
    Functions.define(scope, now);
    // there for every template, though without a value
    scope.set("documents", None.NONE);
    variables.forEach((name, value) -> scope.set(name, MarkedText.of(value)));
    if (prompt.thinkingBudget().orElse(-1) == 0) {
      scope.set("enable_thinking", false);
      scope.set("thinking", false);
    }
    prompt
        .templateArguments()
        .forEach((name, value) -> scope.set(name, TemplateInput.value(value)));
    scope.set("tools", TemplateInput.tools(prompt));
    scope.set("messages", form.messages(prompt.messages()));
    scope.set("add_generation_prompt", addGenerationPrompt);
    MarkedTextBuilder out = new MarkedTextBuilder(scope.budget());
    try {
      Statement.all(statements(), scope, out);
    } catch (TemplateException e) {
      throw place == null ? e : e.in(place);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    }
    generated.or(out.generated());
    return out.build();
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
  private IllegalArgumentException tooDeep(StackOverflowError cause) {
    return new IllegalArgumentException(
        "the chat template nests too deeply" + (place == null ? "" : " (" + place + ")"), cause);
  }

  /**
   * What a template names.
   *
   * @param tools its variable
   * @param calls those of a turn
   * @param generation a block around what an assistant wrote
   */
  private record Mentions(boolean tools, boolean calls, boolean generation) {
    static Mentions of(String template) {
      List<TemplateToken> tokens;
      try {
        tokens = Lexer.tokens(template);
      } catch (TemplateException e) {
        return new Mentions(false, false, false);
      }
      boolean tools = false;
      boolean calls = false;
      boolean generation = false;
      TemplateToken.Kind before = null;
      for (TemplateToken token : tokens) {
        tools |= token.is(TemplateToken.Kind.NAME, "tools");
        calls |=
            token.is(TemplateToken.Kind.NAME, "tool_calls")
                || token.is(TemplateToken.Kind.STRING, "tool_calls");
        generation |=
            before == TemplateToken.Kind.BLOCK_BEGIN
                && token.is(TemplateToken.Kind.NAME, "generation");
        before = token.kind();
      }
      return new Mentions(tools, calls, generation);
    }
  }
}
