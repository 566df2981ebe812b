@core @http @command-line
Feature: Staff actions on orders
  Staff add notes, resolve flagged orders and cancel unpaid ones. The order's history shows who did what.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33 with 1 seat
    And the shop sells the course run "14.310x-1T2027" for $199.99

  Rule: A note is part of the order's history

    @ORD-18
    Scenario: A note is added under the name of the staff member
      Given Ada bought "6.86x-1T2027"
      When staff add the note "she will send her student card" to Ada's order
      Then the history of Ada's order ends with "note: she will send her student card" by Eve
      And Ada's order is paid

    @ORD-19
    Scenario: An empty note is refused
      Given Ada bought "6.86x-1T2027"
      When staff add the note " " to Ada's order
      Then staff are refused with the message "Say why"

  Rule: Staff can cancel an order that is not paid

    @ORD-20
    Scenario: Cancelling an unpaid order releases its seat
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When staff cancel Ada's order with the reason "ordered twice"
      Then Ada's order is cancelled
      And the history of Ada's order ends with "ordered twice" by Eve
      When Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      Then Bob's order is awaiting payment

    @ORD-21
    Scenario: An order that turns out to be paid is not cancelled
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And 5 minutes pass
      And staff cancel Ada's order with the reason "ordered twice"
      Then Ada's order is paid
      And $39.33 was charged

    @ORD-22
    Scenario: Cancelling is refused while the payment is being checked
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And the payment gateway is unavailable
      And staff cancel Ada's order with the reason "ordered twice"
      Then staff are refused with the message "still checking"

    @ORD-23
    Scenario: A paid order is refunded, not cancelled
      Given Ada bought "6.86x-1T2027"
      When staff cancel Ada's order with the reason "ordered twice"
      Then staff are refused with the message "Give its money back with a refund"

  Rule: Staff can cancel an order that is held for review, if the payment gateway confirms the review

    @ORD-24
    Scenario: A cancelled order stays cancelled when the review rejects the payment
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When Ada pays with a card that the payment gateway holds for review
      And staff cancel Ada's order with the reason "looks like a stolen card"
      Then Ada's order is cancelled
      When the payment gateway rejects Ada's payment
      And 31 minutes pass
      And the scheduled payment check runs
      Then Ada's order is cancelled
      And nothing was charged

    @ORD-25
    Scenario: Cancelling is refused while the payment gateway is unavailable
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When Ada pays with a card that the payment gateway holds for review
      And the payment gateway is unavailable
      And staff cancel Ada's order with the reason "took too long"
      Then staff are refused with the message "still checking"
      And Ada's order is held for review

    @ORD-26
    Scenario: A cancelled order becomes paid when the review accepts the payment
      Given Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When Ada pays with a card that the payment gateway holds for review
      And staff cancel Ada's order with the reason "took too long"
      And the payment gateway accepts Ada's payment
      And 31 minutes pass
      And the scheduled payment check runs
      Then Ada's order is paid
