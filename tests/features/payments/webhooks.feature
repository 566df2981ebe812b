@core @http @command-line
Feature: Webhooks of the payment gateway
  The payment gateway reports payments and refunds by webhook. Each genuine webhook counts once, in any order.

  Background:
    Given the payment gateway sends webhooks
    And the shop sells the course run "6.86x-1T2027" for $39.33 with 1 seat
    And Ada adds "6.86x-1T2027" to her basket
    And Ada checks out

  Rule: A webhook tells the shop what the browser or the network did not

    @PAY-35
    Scenario: A webhook reports a payment whose answer was lost
      When Ada pays with a valid card, but the payment gateway's answer is lost
      Then Ada's payment is being checked
      When the payment gateway's webhooks arrive
      Then Ada's order is paid
      And $39.33 was charged
      And Ada's basket is empty
      And Ada's order needs no attention

    @PAY-36
    Scenario: A webhook is enough while the payment gateway is unavailable
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And the payment gateway is unavailable
      And the payment gateway's webhooks arrive
      Then Ada's order is paid
      When the payment gateway is available again
      And 60 minutes pass
      And the scheduled payment check runs
      Then Ada's order is paid
      And $39.33 was charged
      And Ada's order needs no attention

    @PAY-37
    Scenario: A webhook about a declined card leaves the order open
      When Ada pays with a card that is declined for insufficient funds
      And the payment gateway's webhooks arrive
      Then Ada's order is awaiting another card
      And nothing was charged
      When Ada pays with a valid card
      And the payment gateway's webhooks arrive
      Then Ada's order is paid
      And $39.33 was charged
      And Ada's order needs no attention

  Rule: A webhook counts once

    @PAY-38
    Scenario: A repeated webhook changes nothing
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And the payment gateway's webhooks arrive
      And the payment gateway's webhooks arrive again
      Then Ada's order is paid
      And $39.33 was charged
      And each webhook was stored once
      And Ada's order needs no attention

    @PAY-39
    Scenario: A webhook about a known payment changes nothing
      When Ada pays with a valid card
      Then Ada's order is paid
      When the payment gateway's webhooks arrive
      Then Ada's order is paid
      And $39.33 was charged
      And Ada's order needs no attention

  Rule: Only a webhook signed by the payment gateway counts

    @PAY-40
    Scenario: A webhook with another signature is rejected
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And webhooks arrive that somebody else signed
      Then every webhook was rejected
      And Ada's payment is being checked
      When the payment gateway's webhooks arrive
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-41
    Scenario: A webhook that was altered on the way is rejected
      When Ada pays with a valid card, but the payment gateway's answer is lost
      And webhooks arrive that were altered on the way
      Then every webhook was rejected
      And Ada's payment is being checked

  Rule: A webhook about money that did not move as the shop believes flags the order

    @PAY-42
    Scenario: A refund that fails after settlement flags the order
      When Ada pays with a valid card
      And staff refund $10.00 of Ada's order
      And the payment gateway settles the day's payments
      And the payment gateway's webhooks arrive
      Then Ada's order is partially refunded
      And Ada's order needs no attention
      When Ada's bank returns the refund
      And the payment gateway's webhooks arrive
      Then Ada's order needs attention

    @PAY-43
    Scenario: A payment voided at the payment gateway flags the order
      When Ada pays with a valid card
      And Ada's payment is voided at the payment gateway
      And the payment gateway's webhooks arrive
      Then Ada's order is paid
      And Ada's order needs attention
