package com.ytempire.sidecar.web;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One route, with all that its OpenAPI entry says. A feature's {@code …Routes} lists its own, so
 * that reading it is reading a table.
 *
 * @param path with parameters in braces
 * @param roles who may call it; empty: anybody
 * @param scope that a service token needs beside its kind
 * @param body name of the schema of its body, null for none
 * @param answer name of the schema of its answer, null for an answer that is no JSON or empty
 * @param mediaType of an answer that is a file, a page or plain text, else null
 * @param alternatives answers of another status than the usual one that are no problem documents
 * @param bulkhead what else limits how many of its requests run at once
 */
public record Endpoint(
    String method,
    String path,
    String summary,
    Set<Role> roles,
    Scope scope,
    @Nullable String body,
    int status,
    @Nullable String answer,
    @Nullable String mediaType,
    List<Alternative> alternatives,
    Map<String, String> query,
    Bulkhead bulkhead,
    Handler handler) {

  /**
   * A compartment for requests that hold much for long, so that others keep what they need.
   * Requests wait for a permit of it in fair order of users.
   */
  public enum Bulkhead {
    /** None: only the limit of concurrent requests per user applies. */
    NONE(Integer.MAX_VALUE, Integer.MAX_VALUE, 1),
    /** Everything of a user at once. */
    EXPORT(4, 1, 2),
    /** Pages of thousands of rows. */
    LARGE_READ(8, 1, 8);

    private final int concurrent;
    private final int concurrentPerUser;
    private final int waitingPerCooldownStep;

    Bulkhead(int concurrent, int concurrentPerUser, int waitingPerCooldownStep) {
      this.concurrent = concurrent;
      this.concurrentPerUser = concurrentPerUser;
      this.waitingPerCooldownStep = waitingPerCooldownStep;
    }

    /** Requests that run in it at the same time. */
    public int concurrent() {
      return concurrent;
    }

    /** Of these, of one user, and of one token about one user. */
    public int concurrentPerUser() {
      return concurrentPerUser;
    }

    /**
     * Requests of one user that wait in it for each step by which the cooldown of a permit grows: a
     * workflow may send several pages at once, but nobody needs several exports.
     */
    public int waitingPerCooldownStep() {
      return waitingPerCooldownStep;
    }
  }

  /**
   * An answer of another status than the usual one, for the OpenAPI document.
   *
   * @param mediaType null: the answer is empty
   * @param schema name of its schema; null: it is no JSON
   */
  public record Alternative(
      int status, String description, @Nullable String mediaType, @Nullable String schema) {}

  /** Reads, checks, calls, answers. A null answer is an empty one. */
  @FunctionalInterface
  public interface Handler {
    @Nullable Object handle(Request request);
  }

  /** An answer whose status is not the endpoint's usual one. */
  public record Answer(int status, Object body) {}

  /** A page for people instead of JSON. */
  public record Page(int status, String html) {}

  /** Sends a browser on. */
  public record Redirect(String location) {}

  /**
   * A file instead of JSON. It has been written whole before the answer begins, so that nobody gets
   * half of one, and is closed afterwards.
   */
  public record Download(String name, InputStream content) {}

  public static Builder get(String path, String summary) {
    return new Builder("GET", path, summary, 200);
  }

  /** Creates something: answers 201. */
  public static Builder create(String path, String summary) {
    return new Builder("POST", path, summary, 201);
  }

  public static Builder post(String path, String summary) {
    return new Builder("POST", path, summary, 200);
  }

  public static Builder patch(String path, String summary) {
    return new Builder("PATCH", path, summary, 200);
  }

  /** Answers 204. */
  public static Builder delete(String path, String summary) {
    return new Builder("DELETE", path, summary, 204);
  }

  /** The description of a route before its handler. */
  public static final class Builder {
    private final String method;
    private final String path;
    private final String summary;
    private int status;
    private final List<Alternative> alternatives = new ArrayList<>();
    private final List<Role> roles = new ArrayList<>();
    private final Map<String, String> query = new LinkedHashMap<>();
    private @Nullable Scope scope;
    private @Nullable String body;
    private @Nullable String answer;
    private @Nullable String mediaType;
    private Bulkhead bulkhead = Bulkhead.NONE;

    private Builder(String method, String path, String summary, int status) {
      this.method = method;
      this.path = path;
      this.summary = summary;
      this.status = status;
    }

    public Builder by(Role... allowed) {
      roles.addAll(List.of(allowed));
      return this;
    }

    /**
     * The scope that a service token needs. When not named: to read for GET, to administer for the
     * rest.
     */
    public Builder needs(Scope needed) {
      scope = needed;
      return this;
    }

    public Builder query(String name, String description) {
      query.put(name, description);
      return this;
    }

    public Builder takes(String schema) {
      body = schema;
      return this;
    }

    public Builder answers(String schema) {
      answer = schema;
      return this;
    }

    /** Answers 200 and JSON of this schema, although its method commonly answers nothing. */
    public Builder answersWithBody(String schema) {
      status = 200;
      answer = schema;
      return this;
    }

    /** Answers a {@link Download} of this type. */
    public Builder answersFile(String type) {
      mediaType = type;
      return this;
    }

    /**
     * Answers a {@link Page}, of one of these other statuses where something is not as it should.
     */
    public Builder answersPage(int... others) {
      mediaType = "text/html";
      for (int other : others) {
        alternatives.add(
            new Alternative(other, "A page that says what went wrong.", "text/html", null));
      }
      return this;
    }

    /** May answer a {@link Redirect}. */
    public Builder redirects() {
      alternatives.add(new Alternative(302, "Continue at the address in Location.", null, null));
      return this;
    }

    /** Answers plain text. */
    public Builder answersText() {
      mediaType = "text/plain";
      return this;
    }

    /** Answers 204. */
    public Builder answersNothing() {
      status = 204;
      return this;
    }

    /** May answer JSON of this schema with another status. */
    public Builder orAnswers(int otherStatus, String description, String schema) {
      alternatives.add(new Alternative(otherStatus, description, "application/json", schema));
      return this;
    }

    /** Runs in this compartment. */
    public Builder in(Bulkhead compartment) {
      bulkhead = compartment;
      return this;
    }

    public Endpoint with(Handler handler) {
      return new Endpoint(
          method,
          path,
          summary,
          Set.copyOf(roles),
          scope != null ? scope : method.equals("GET") ? Scope.READ : Scope.ADMINISTER,
          body,
          status,
          answer,
          mediaType,
          List.copyOf(alternatives),
          Collections.unmodifiableMap(query),
          bulkhead,
          handler);
    }
  }
}
