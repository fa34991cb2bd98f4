package io.fundamentallm.samplers.constraint.chat;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.chat.ArgumentTags;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.samplers.constraint.chat.AnswerSpec.Choice;
import io.fundamentallm.samplers.constraint.chat.AnswerSpec.Thinking;
import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.samplers.constraint.schema.JsonNotation;
import io.fundamentallm.samplers.constraint.schema.SchemaCompiler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the grammar of an answer: free text until the model opens a call, and behind it. */
final class AnswerGrammar {
  private static final int SPACES = 4;

  private final AnswerSpec spec;
  private final ChatSyntax syntax;
  private final MarkerBytes markers;
  private final JsonNotation notation;

  /** Of the answer's text, if it has a schema. */
  private final JsonNotation text;

  private final Map<String, Expression> rules;
  private final Set<String> thinking = new HashSet<>();

  private AnswerGrammar(AnswerSpec spec, MarkerBytes markers) {
    this.spec = spec;
    this.syntax = spec.syntax();
    this.markers = markers;
    notation = spec.tools().isEmpty() ? new JsonNotation(1, true) : notation(syntax, markers);
    text = notation.json();
    rules = notation.rules;
  }

  private static JsonNotation notation(ChatSyntax syntax, MarkerBytes markers) {
    ChatSyntax.Call call = syntax.call();
    return switch (call.values()) {
      case JSON -> new JsonNotation(1, true);
      case PYTHON -> JsonNotation.python();
      case MARKED ->
          JsonNotation.marked(
              markers.exact(call.quote()),
              markers.special().containsKey(call.quote()) ? -1 : call.quote().codePointAt(0));
      case TAGGED -> tagged(syntax, markers);
    };
  }

  /** A value ends with its own tag, or with the section if that is missing. */
  private static JsonNotation tagged(ChatSyntax syntax, MarkerBytes markers) {
    ArgumentTags tags = syntax.call().tags();
    String last = syntax.close().isEmpty() ? syntax.call().after() : syntax.close();
    List<String> ends = // no text has a special token
        Stream.of(tags.end(), last).filter(markers::isText).toList();
    JsonNotation notation =
        JsonNotation.tagged(tags, markers::exact, ArgumentText.ANY, ArgumentText.NOT_EMPTY, ends);
    ArgumentText.addTo(notation.rules, ends);
    return notation;
  }

  /**
   * The grammar.
   *
   * @param freeNames whether an object of the answer could have a name twice
   * @param thinking the rules of what is thought
   */
  record Compiled(Grammar grammar, boolean freeNames, Set<String> thinking) {}

  /**
   * Compiles an answer.
   *
   * @throws IllegalArgumentException for a schema that cannot be followed, with the tool's name
   */
  static Compiled compile(AnswerSpec spec, MarkerBytes markers) {
    AnswerGrammar made = new AnswerGrammar(spec, markers);
    made.rules.put("root", made.root());
    TextGrammar own = spec.text();
    boolean freeNames =
        made.notation.hasFreeNames()
            || made.text.hasFreeNames()
            || (own != null && own.freeNames());
    return new Compiled(new Grammar(made.rules, "root"), freeNames, Set.copyOf(made.thinking));
  }

  private Expression root() {
    boolean calls = spec.choice() != Choice.NONE;
    if (calls) {
      rules.put("calls", section());
    }
    FreeText last = text("last", null);
    Expression behind = rule(spec.parallel() ? "text" : "last");
    if (spec.isHeld()) {
      behind = Expression.optional(behind); // calls are an answer by themselves
    }
    if (spec.choice() == Choice.REQUIRED) {
      behind = more();
    }
    Expression afterCall = syntax.last() ? Expression.EMPTY : behind;
    Expression called = Expression.sequence(new Expression.Rule("calls"), afterCall);
    FreeText text = calls ? text("text", called) : last;
    Expression begin = rule(calls ? "text" : "last");
    if (calls && syntax.header().isPresent()) {
      rules.put(
          "headed",
          Expression.sequence(
              Expression.text(syntax.header().begins()),
              call(syntax.header().between()),
              MarkerBytes.white(1),
              afterCall));
    }
    if (spec.choice() == Choice.REQUIRED) {
      begin = required(called);
    } else if (calls && syntax.header().isPresent() && !spec.isHeld()) {
      begin = first(List.of(syntax.header().begins()), new Expression.Rule("headed"), text);
    } else if (calls && syntax.onlyFirst()) {
      begin = first(begins(), called, text);
    }
    rules.put("begin", begin);
    Expression afterThinking =
        spec.isHeld()
            ? Expression.sequence(MarkerBytes.white(SPACES), new Expression.Rule("begin"))
            : new Expression.Rule("begin");
    return spec.thinking() == Thinking.BEGUN
        ? thinking("begun", afterThinking)
        : new Expression.Rule("begin");
  }

  private static Expression rule(String name) {
    return new Expression.Rule(name + " 0");
  }

  /**
   * Text, thinking and, where allowed, calls.
   *
   * @param called what follows the marker that opens calls; null if none may be opened
   */
  private FreeText text(String name, @Nullable Expression called) {
    Expression again = rule(name);
    boolean first = called != null && (syntax.onlyFirst() || syntax.header().isPresent());
    Expression fresh = first ? new Expression.Rule("begin") : again;
    List<FreeText.Pattern> patterns = new ArrayList<>();
    if (spec.mayThink()) {
      // an answer that is a call may be one behind its thinking, too
      patterns.add(pattern(syntax.thinkingOpen(), thinking(name + " thinking", fresh)));
    } else if (spec.thinking() != Thinking.NONE) {
      patterns.add(pattern(syntax.thinkingOpen(), null));
    }
    for (String silent : syntax.silent()) {
      patterns.add(pattern(silent, behind(silent, fresh, again)));
    }
    if (!spec.tools().isEmpty()) {
      for (String open : syntax.open()) {
        patterns.add(pattern(open, called));
      }
    }
    FreeText text = new FreeText(patterns);
    if (spec.isHeld()) {
      rules.put(name + " 0", document(name, called));
    } else {
      text.addTo(rules, name, true);
    }
    return text;
  }

  /** Instead of free text, a document that ends the answer, or calls. */
  private Expression document(String name, @Nullable Expression called) {
    Expression again = rule(name);
    Expression white = MarkerBytes.white(SPACES); // only where it is part of the notation
    if (!rules.containsKey("document")) {
      rules.put("document", held());
    }
    List<Expression> alternatives = new ArrayList<>();
    List<String> behind = // a text of one's own ends where the answer does: what is text is of it
        spec.text() == null
            ? syntax.silent()
            : syntax.silent().stream().filter(marker -> !markers.isText(marker)).toList();
    alternatives.add(Expression.sequence(new Expression.Rule("document"), silent(behind)));
    if (spec.mayThink()) {
      alternatives.add(
          Expression.sequence(
              markers.exact(syntax.thinkingOpen()),
              thinking(name + " before", Expression.sequence(white, again))));
    }
    boolean headed = called != null && syntax.header().isPresent();
    Expression message = headed ? new Expression.Rule(name + " message") : again;
    for (String silent : syntax.silent()) {
      alternatives.add(Expression.sequence(markers.exact(silent), behind(silent, again, message)));
    }
    if (called != null) {
      for (String open : syntax.open()) {
        alternatives.add(Expression.sequence(markers.exact(open), called));
      }
    }
    if (headed) {
      rules.put(name + " message", Expression.anyOf(List.copyOf(alternatives)));
      alternatives.add(Expression.sequence(white, new Expression.Rule("headed")));
    }
    return Expression.anyOf(alternatives);
  }

  /**
   * What follows a silent marker.
   *
   * @param header where it begins a message, in whose header a call may be told
   * @param message elsewhere
   */
  private Expression behind(String silent, Expression header, Expression message) {
    return silent.equals(syntax.header().behind()) ? header : message;
  }

  private Expression held() {
    Object schema = spec.schema();
    TextGrammar own = spec.text();
    return own == null || schema != null
        ? SchemaCompiler.compile(requireNonNull(schema, "schema"), text, "the answer's schema")
        : own.within(rules, "document: ");
  }

  private Expression silent(List<String> silent) {
    List<Expression> any = new ArrayList<>(List.of(Expression.EMPTY));
    silent.forEach(marker -> any.add(markers.exact(marker)));
    return Expression.anyOf(any);
  }

  private FreeText.Pattern pattern(String marker, @Nullable Expression then) {
    return new FreeText.Pattern(markers.bytes(marker), then);
  }

  /** Any bytes until thinking ends. */
  private Expression thinking(String name, Expression then) {
    FreeText text = new FreeText(List.of(pattern(syntax.thinkingClose(), then)));
    thinking.addAll(text.addTo(rules, name, false));
    return rule(name);
  }

  /** Thinking, if there is any, and then calls at once. */
  private Expression required(Expression called) {
    List<Expression> alternatives = new ArrayList<>();
    if (syntax.onlyFirst()) {
      alternatives.add(called);
    }
    for (String open : syntax.open()) {
      alternatives.add(Expression.sequence(markers.exact(open), called));
    }
    boolean headed = syntax.header().isPresent();
    Expression again = new Expression.Rule("required");
    Expression message = headed ? new Expression.Rule("required message") : again;
    for (String silent : syntax.silent()) {
      alternatives.add(Expression.sequence(markers.exact(silent), behind(silent, again, message)));
    }
    if (headed) {
      rules.put("required message", spaced(alternatives));
      alternatives.add(new Expression.Rule("headed"));
    }
    rules.put("required", spaced(alternatives));
    if (!spec.mayThink()) {
      return new Expression.Rule("required");
    }
    Expression thinking =
        Expression.sequence(
            MarkerBytes.white(SPACES),
            markers.exact(syntax.thinkingOpen()),
            thinking("required thinking", new Expression.Rule("required")));
    return Expression.anyOf(thinking, new Expression.Rule("required"));
  }

  private static Expression spaced(List<Expression> alternatives) {
    return Expression.sequence(
        MarkerBytes.white(SPACES), Expression.anyOf(List.copyOf(alternatives)));
  }

  /** What follows a call that had to be: others, where several are allowed, but no text. */
  private Expression more() {
    List<Expression> alternatives = new ArrayList<>();
    for (String open : spec.parallel() ? syntax.open() : List.<String>of()) {
      alternatives.add(
          Expression.sequence(
              markers.exact(open), new Expression.Rule("calls"), new Expression.Rule("more")));
    }
    for (String silent : syntax.silent()) {
      alternatives.add(Expression.sequence(markers.exact(silent), new Expression.Rule("more")));
    }
    Expression others =
        alternatives.isEmpty()
            ? Expression.EMPTY
            : Expression.optional(Expression.anyOf(alternatives));
    rules.put("more", Expression.sequence(MarkerBytes.white(SPACES), others));
    return new Expression.Rule("more");
  }

  /** An answer that is a call if it begins as one, and free text otherwise. */
  private Expression first(List<String> begins, Expression called, FreeText text) {
    Expression beginning = new Beginning(begins, text, "text").addTo(rules, "first");
    Expression call = Expression.sequence(MarkerBytes.white(SPACES), called);
    return Expression.anyOf(call, beginning);
  }

  /** What a call begins with that has no marker. */
  private List<String> begins() {
    return syntax.call().isObject()
        ? List.of("{\"name\"")
        : spec.tools().keySet().stream().map(tool -> "[" + tool + "(").toList();
  }

  private Expression section() {
    Expression call = new Expression.Rule("call");
    rules.put("call", call(List.of(syntax.call().between())));
    Expression calls = call;
    if (spec.parallel() && !syntax.separator().isEmpty()) {
      calls =
          Expression.sequence(
              call,
              Expression.many(Expression.sequence(markers.literal(syntax.separator()), call)));
    }
    Expression white = MarkerBytes.white(1);
    if (syntax.array()) {
      calls =
          Expression.sequence(
              white, Expression.text("["), white, calls, white, Expression.text("]"));
    }
    return Expression.sequence(white, calls, white, markers.exact(syntax.close()));
  }

  /**
   * A call.
   *
   * @param between its name and its arguments, any of these
   */
  private Expression call(List<String> between) {
    Expression middle = Expression.anyOf(between.stream().map(markers::literal).toList());
    Map<String, Expression> byName = new TreeMap<>();
    spec.tools()
        .forEach(
            (name, schema) -> {
              String where = "the parameters of the tool \"" + name + "\"";
              if (!rules.containsKey(where)) {
                rules.put(where, SchemaCompiler.compile(schema, notation, where));
              }
              byName.put(
                  name,
                  Expression.sequence(
                      middle, new Expression.Rule(where), markers.literal(syntax.call().after())));
            });
    String before = syntax.call().before();
    return Expression.sequence(
        syntax.call().isObject() ? markers.literal(before) : markers.exact(before),
        names(List.copyOf(byName.keySet()), 0, byName));
  }

  /** Names with what follows each, their common beginnings read once. */
  private static Expression names(List<String> sorted, int at, Map<String, Expression> byName) {
    List<Expression> alternatives = new ArrayList<>();
    for (int from = 0; from < sorted.size(); ) {
      String name = sorted.get(from);
      if (name.length() == at) {
        Expression then = byName.get(name);
        if (then != null) {
          alternatives.add(then);
        }
        from++;
        continue;
      }
      int to = from + 1;
      while (to < sorted.size() && sorted.get(to).charAt(at) == name.charAt(at)) {
        to++;
      }
      alternatives.add(
          Expression.sequence(
              new Expression.Bytes(ByteSet.of(name.charAt(at))),
              names(sorted.subList(from, to), at + 1, byName)));
      from = to;
    }
    return Expression.anyOf(alternatives);
  }
}
