package com.ytempire.sidecar.privacy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Erasures that are still to be carried out in n8n. */
interface ExecutionErasureDao {
  /**
   * One that is due.
   *
   * @param terms texts that name the user
   * @param pageCursor where n8n's list goes on; null: at its beginning
   */
  record Erasure(UUID erasureId, List<String> terms, @Nullable String pageCursor) {}

  @SqlUpdate("select app.request_execution_erasure(:terms, :at)")
  void request(String[] terms, Instant at);

  /** Takes one that is due, if there is one. */
  @SqlQuery("select * from app.claim_execution_erasure(:now, :leaseUntil)")
  @RegisterConstructorMapper(Erasure.class)
  List<Erasure> claim(Instant now, Instant leaseUntil);

  @SqlUpdate("select app.continue_execution_erasure(:id, :cursor, :leaseUntil)")
  void proceed(UUID id, @Nullable String cursor, Instant leaseUntil);

  /**
   * The progress of an erasure.
   *
   * @param passesLeft how often n8n's list is still to be gone through
   * @param executionIds executions that could not be searched or deleted
   * @param repeats how often something was tried again
   */
  record Progress(int passesLeft, List<String> executionIds, int repeats) {}

  /** The progress of an erasure; none when it was given up meanwhile. */
  @SqlQuery("select * from app.read_passed_over_executions(:id)")
  @RegisterConstructorMapper(Progress.class)
  Optional<Progress> progress(UUID id);

  /** Notes that an execution could not be searched or deleted, so that it is tried again. */
  @SqlUpdate("select app.note_passed_over_execution(:id, :executionId)")
  void notePassedOver(UUID id, String executionId);

  /** Notes that an execution that was passed over needs no other try. */
  @SqlUpdate("select app.forget_passed_over_execution(:id, :executionId)")
  void forgetPassedOver(UUID id, String executionId);

  /**
   * Ends a pass.
   *
   * @param repeatAt when it is repeated if it is incomplete, or what was passed over is tried again
   */
  @SqlUpdate("select app.end_execution_erasure_pass(:id, interval '1 hour', :repeatAt)")
  void endPass(UUID id, Instant repeatAt);

  /** Deletes erasures that were requested 30 days ago or earlier, and returns how many. */
  @SqlQuery("select app.sweep_execution_erasures(:now)")
  long sweep(Instant now);
}
