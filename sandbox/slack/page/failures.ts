/** Slack's and the sandbox's error words in plain ones. */
const meanings: Readonly<Record<string, string>> = {
  no_such_action: 'This button is no longer there.',
  no_such_option: 'This choice is no longer there.',
  invalid_command: 'No app in this workspace has such a command.',
  message_not_found: 'This message is no longer there.',
  view_not_found: 'This dialog is no longer open.',
  http_service_error: 'The app refused it.',
  operation_timeout: 'The app did not answer within 3 seconds.',
  dispatch_failed: 'The app is not connected, or did not take it.',
  sandbox_unreachable: 'The sandbox does not answer. Is it still running?',
};

/** One sentence for a click or command that went wrong; the error word stays readable for a search. */
export const failureText = (what: string, error: string): string =>
  `${what} failed: ${meanings[error] ?? 'It was not acknowledged.'} (${error})`;
