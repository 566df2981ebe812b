@core @http @command-line
Feature: Refunds
  Staff refund an amount, a line or all that is left, and never more than was paid.

  Background:
    Given the shop sells the course run "14.310x-1T2027" for $199.99 with 1 seat
    And the shop sells the course run "6.86x-1T2027" for $39.33
    And Ada bought "14.310x-1T2027" and "6.86x-1T2027"

  Rule: A full refund of a line revokes its enrolment and releases its seat

    @PAY-44
    Scenario: A refund of the whole order revokes every enrolment
      When staff refund Ada's order
      Then Ada's order is refunded
      And $239.32 was refunded
      And Ada's enrolment in "14.310x-1T2027" is revoked
      And Ada's enrolment in "6.86x-1T2027" is revoked
      When Bob adds "14.310x-1T2027" to his basket
      Then the total of Bob's basket is $199.99

    @PAY-45
    Scenario: A refund of one line revokes that enrolment only
      When staff refund "6.86x-1T2027" of Ada's order
      Then Ada's order is partially refunded
      And $39.33 was refunded
      And Ada's enrolment in "14.310x-1T2027" is requested
      And Ada's enrolment in "6.86x-1T2027" is revoked

    @PAY-46
    Scenario: A refund of an amount revokes nothing
      When staff refund $39.32 of Ada's order
      Then Ada's order is partially refunded
      And $39.32 was refunded
      And Ada's enrolment in "14.310x-1T2027" is requested

    @PAY-47
    Scenario: A refunded course run can be bought again
      When staff refund Ada's order
      And Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      And Ada pays with a valid card
      Then Ada's order is paid

  Rule: The sum of refunds is at most the amount paid

    @PAY-48
    Scenario: A second refund returns the rest
      When staff refund $100.00 of Ada's order
      And staff refund Ada's order
      Then Ada's order is refunded
      And $239.32 was refunded

    @PAY-49
    Scenario: A refunded line is not refunded again
      When staff refund "6.86x-1T2027" of Ada's order
      And staff refund "6.86x-1T2027" of Ada's order
      Then staff are refused with the message "is refunded already"
      And $39.33 was refunded

    @PAY-50
    Scenario Outline: More than the amount paid, and zero, are refused
      When staff refund $<amount> of Ada's order
      Then staff are refused with the message "at most $239.32 is left to refund"
      And nothing was refunded

      Examples:
        | amount |
        | 239.33 |
        | 0.00   |

    @PAY-51
    Scenario: An unpaid order cannot be refunded
      Given Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      When staff refund Bob's order
      Then staff are refused with the message "there is nothing to refund"

  Rule: A refund that the payment gateway rejects or does not answer is never given twice

    @PAY-52
    Scenario: A rejected refund flags the order and can be tried again
      Given the payment gateway rejects the next refund
      When staff refund Ada's order
      Then Ada's order is paid
      And Ada's order needs attention
      And nothing was refunded
      When staff refund Ada's order
      Then Ada's order is refunded
      And $239.32 was refunded

    @PAY-53
    Scenario: A refund whose answer was lost is found and not repeated
      Given the payment gateway's answer to the next refund is lost
      When staff refund Ada's order
      Then Ada's order is paid
      When 60 minutes pass
      And the scheduled payment check runs
      Then Ada's order is refunded
      And $239.32 was refunded
